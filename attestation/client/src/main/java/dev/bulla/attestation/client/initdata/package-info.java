/**
 * What the host started the guest with: the disk on which kata hands initdata over, and the check that the TEE measured
 * it.
 *
 * <p>{@link dev.bulla.attestation.client.initdata.InitDataDisk} finds and reads the text,
 * {@link dev.bulla.attestation.protocol.InitDataDocument} is what it says, and
 * {@link dev.bulla.attestation.client.initdata.BoundInitData} is it once the TEE has vouched for its digest. What fails
 * throws a kind of {@link dev.bulla.attestation.client.initdata.InitDataException}.
 */
@NullMarked
package dev.bulla.attestation.client.initdata;

import org.jspecify.annotations.NullMarked;
