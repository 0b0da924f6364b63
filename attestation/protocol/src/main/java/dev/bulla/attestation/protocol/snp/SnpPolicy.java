package dev.bulla.attestation.protocol.snp;

/**
 * A guest's policy (56860, GUEST_POLICY): what its owner allows the platform.
 *
 * @param bits the 64 bits as they stand in the report
 */
public record SnpPolicy(long bits) {
    private static final int MUST_BE_ONE = 17;
    private static final int FIRST_RESERVED = 26;

    /** The least major version of the firmware's ABI that may run the guest. */
    public int abiMajor() {
        return (int) (bits >>> 8) & 0xFF;
    }

    /** The least minor version of the firmware's ABI that may run the guest. */
    public int abiMinor() {
        return (int) bits & 0xFF;
    }

    /** Whether the host may use simultaneous multithreading. */
    public boolean smtAllowed() {
        return bit(16);
    }

    /** Whether a migration agent may be associated with the guest. */
    public boolean migrationAgentAllowed() {
        return bit(18);
    }

    /** Whether the host may debug the guest, which lets it read all of its memory. */
    public boolean debugAllowed() {
        return bit(19);
    }

    /** Whether the guest may run on one socket only. */
    public boolean singleSocketRequired() {
        return bit(20);
    }

    /** Whether CXL devices or memory may be populated. */
    public boolean cxlAllowed() {
        return bit(21);
    }

    /** Whether memory must be encrypted by AES-256 in XTS mode. */
    public boolean aes256XtsRequired() {
        return bit(22);
    }

    /** Whether running average power limits must be off. */
    public boolean raplOffRequired() {
        return bit(23);
    }

    /** Whether ciphertext must be hidden from the host. */
    public boolean ciphertextHidingRequired() {
        return bit(24);
    }

    /** Whether the guest's pages may not be moved or swapped. */
    public boolean pageSwapDisabled() {
        return bit(25);
    }

    /** Whether the bit that must be one is, and all that the ABI reserves are zero. */
    public boolean isWellFormed() {
        return bit(MUST_BE_ONE) && bits >>> FIRST_RESERVED == 0;
    }

    private boolean bit(int position) {
        return (bits >>> position & 1) != 0;
    }
}
