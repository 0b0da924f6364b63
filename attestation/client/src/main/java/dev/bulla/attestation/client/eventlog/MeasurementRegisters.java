package dev.bulla.attestation.client.eventlog;

import dev.bulla.attestation.protocol.HashAlgorithm;
import java.io.IOException;

/**
 * The registers of a TEE that can only be extended: RTMRs, or PCRs of one bank.
 *
 * <p>Called by their numbers in {@link #mapping}, with the writer's lock held.
 */
public interface MeasurementRegisters {

    /** The hash of the registers: SHA-384 for RTMRs, that of the bank for PCRs. */
    HashAlgorithm algorithm();

    /** Which register stands for a PCR. */
    RegisterMapping mapping();

    /** Whether a verifier learns of them by the TEE's own evidence; false for registers that only exist for development. */
    boolean measured();

    /**
     * A register's value, as long as the hash.
     *
     * @throws IOException when the TEE does not give it
     */
    byte[] read(int register) throws IOException;

    /**
     * Replaces a register's value v by hash(v ‖ digest).
     *
     * @param digest as long as the hash
     * @throws IOException when it is not known that this happened
     */
    void extend(int register, byte[] digest) throws IOException;
}
