package dev.bulla.attestation.client.evidence.tpm;

import java.io.IOException;

/** A way to a TPM: a command goes, its response comes. Used by one thread at a time. */
public interface TpmTransport extends AutoCloseable {
    /** The longest command and response in bytes: the kernel's limit. */
    int MAX_LENGTH = 4096;

    /** Opens a way to the same TPM each time. */
    interface Source {
        /**
         * Opens it.
         *
         * @throws IOException when there is no TPM, or it is not ours to use
         */
        TpmTransport open() throws IOException;
    }

    /**
     * Sends one command and waits for its response, which is whole and at most {@link #MAX_LENGTH} bytes.
     *
     * @throws IOException when either is lost
     */
    byte[] exchange(byte[] command) throws IOException;

    @Override
    void close();
}
