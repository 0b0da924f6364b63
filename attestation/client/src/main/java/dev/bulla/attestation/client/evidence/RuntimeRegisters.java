package dev.bulla.attestation.client.evidence;

import dev.bulla.attestation.client.EvidenceUnavailableException;
import dev.bulla.attestation.protocol.HashAlgorithm;

/**
 * Registers that can be extended, never set: a register becomes the hash of what it was and of the digest it is given.
 *
 * <p>They are called by PCR numbers, 0 to 23, whatever the kind; one that has fewer registers keeps several PCRs in one
 * (UEFI 2.11, 38.4.1).
 */
public interface RuntimeRegisters {
    /** The highest PCR. */
    int MAX_PCR = 23;

    /** The hash of the registers, and of the digests they take. */
    HashAlgorithm algorithm();

    /**
     * The number under which an event log names the register of this PCR.
     *
     * @throws EvidenceUnavailableException when no register of this kind stands for it
     */
    int logIndex(int pcr) throws EvidenceUnavailableException;

    /**
     * What the register of this PCR holds now.
     *
     * @throws EvidenceUnavailableException when it cannot be read
     */
    byte[] read(int pcr) throws EvidenceUnavailableException;

    /**
     * Extends the register of this PCR.
     *
     * @param digest a digest of {@link #algorithm}, in its full length
     * @throws EvidenceUnavailableException when the register was not extended, or that is not known
     */
    void extend(int pcr, byte[] digest) throws EvidenceUnavailableException;
}
