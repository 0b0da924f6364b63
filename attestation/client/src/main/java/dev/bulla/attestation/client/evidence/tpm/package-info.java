/**
 * The few commands of a TPM 2.0 that evidence needs (TCG TPM 2.0 Library, parts 2 and 3), over any transport of bytes.
 */
@NullMarked
package dev.bulla.attestation.client.evidence.tpm;

import org.jspecify.annotations.NullMarked;
