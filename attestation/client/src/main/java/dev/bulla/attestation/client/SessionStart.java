package dev.bulla.attestation.client;

/** How a session with a KBS begins. */
interface SessionStart {
    /**
     * Begins a session; one try.
     *
     * @param number the session's number
     */
    KbsSession begin(long number) throws AttestationException;

    /** Whether it can be done anew, with what the guest is then. */
    boolean renewable();

    /** Closes the key that is there before a session begins, if one is. */
    default void close() {}
}
