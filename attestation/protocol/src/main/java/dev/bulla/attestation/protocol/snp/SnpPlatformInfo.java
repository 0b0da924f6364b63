package dev.bulla.attestation.protocol.snp;

/**
 * What a platform says of itself (56860, PLATFORM_INFO). Firmware has given meanings to reserved bits without a new version of
 * the report, so unknown bits mean nothing rather than something bad.
 *
 * @param bits the 64 bits as they stand in the report
 */
public record SnpPlatformInfo(long bits) {

    /** Whether simultaneous multithreading is on. */
    public boolean smtEnabled() {
        return bit(0);
    }

    /** Whether all memory is encrypted transparently (TSME). */
    public boolean tsmeEnabled() {
        return bit(1);
    }

    /** Whether memory corrects errors. */
    public boolean eccEnabled() {
        return bit(2);
    }

    /** Whether running average power limits are off. */
    public boolean raplDisabled() {
        return bit(3);
    }

    /** Whether ciphertext is hidden from the host. */
    public boolean ciphertextHidingEnabled() {
        return bit(4);
    }

    /** Whether the firmware has found since the last reset that no two addresses are the same memory. */
    public boolean aliasCheckComplete() {
        return bit(5);
    }

    /** Whether trusted devices (SEV-TIO) are on. */
    public boolean tioEnabled() {
        return bit(7);
    }

    private boolean bit(int position) {
        return (bits >>> position & 1) != 0;
    }
}
