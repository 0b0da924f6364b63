package dev.bulla.attestation.client;

/**
 * How a KBS is reached, and so what its answers are worth.
 *
 * <p>Attestation proves the guest to the KBS, never the KBS to the guest; only a TLS key that measured configuration pins
 * does that.
 */
public enum KbsChannel {
    /** TLS under roots that configuration pins: what comes may be policy, credentials and roots too. */
    PINNED_TLS,
    /** TLS under the system's roots: whoever any of them vouches for may have answered. */
    SYSTEM_TLS,
    /** Plain HTTP, asked for by name: anybody on the way may have answered. */
    PLAIN_HTTP;

    /** Whether the answers are those of the KBS that configuration names. */
    public boolean pinned() {
        return this == PINNED_TLS;
    }
}
