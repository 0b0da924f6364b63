/**
 * Verifies evidence that rests on quotes of a TPM: a TPM whose key is trusted
 * ({@link dev.bulla.kbs.evidence.tpm.TpmVerifier}), or the virtual TPM of an Azure guest, whose key the hardware's report vouches
 * for ({@link dev.bulla.kbs.evidence.tpm.AzSnpVtpmVerifier}; {@link dev.bulla.kbs.evidence.tpm.VtpmVerifier} is what guests of other
 * hardware share with it).
 *
 * <p>Layouts are those of the Trusted Computing Group's TPM 2.0 library, part 2, integers big-endian.
 *
 * <p><b>Security.</b> A quote says nothing of the host's: what it is worth is what its key is worth. All of the SHA-256 registers
 * must be in it, so that none can be passed off as another.
 */
@NullMarked
package dev.bulla.kbs.evidence.tpm;

import org.jspecify.annotations.NullMarked;
