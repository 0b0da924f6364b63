/**
 * What the host started the guest with: the disk on which kata hands initdata over.
 *
 * <p>{@link dev.bulla.attestation.client.initdata.InitDataDisk} finds and reads the text and
 * {@link dev.bulla.attestation.protocol.InitDataDocument} is what it says; whether the TEE vouches for its digest is for
 * {@link dev.bulla.attestation.client.evidence.Attester#checkInitData} to say.
 */
@NullMarked
package dev.bulla.attestation.client.initdata;

import org.jspecify.annotations.NullMarked;
