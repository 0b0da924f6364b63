package dev.bulla.attestation.client.eventlog;

import dev.bulla.attestation.protocol.HashAlgorithm;
import java.io.IOException;

/**
 * Registers that can only be extended: a TEE's RTMRs, or PCRs of one bank. They are called by PCR numbers, 0 to
 * {@value RegisterMapping#MAX_PCR}, whatever their kind; one register may stand for several PCRs.
 *
 * <p>Called by one thread at a time, with the log's lock held.
 */
public interface MeasurementRegisters {

    /**
     * Whether a TEE or a TPM keeps them, so that its evidence shows what was extended.
     *
     * <p><b>Security.</b> Others prove nothing.
     */
    boolean measured();

    /** The hash of the registers: SHA-384 for RTMRs, that of the bank for PCRs. */
    HashAlgorithm algorithm();

    /**
     * The number under which a log names the register of this PCR.
     *
     * @throws IOException when no register stands for it
     */
    int logIndex(int pcr) throws IOException;

    /**
     * What the register of this PCR holds, as long as the hash.
     *
     * @throws IOException when the TEE does not give it
     */
    byte[] read(int pcr) throws IOException;

    /**
     * Replaces the value v of this PCR's register by hash(v ‖ digest).
     *
     * @param digest as long as the hash
     * @throws IOException when it is not known that this happened
     */
    void extend(int pcr, byte[] digest) throws IOException;
}
