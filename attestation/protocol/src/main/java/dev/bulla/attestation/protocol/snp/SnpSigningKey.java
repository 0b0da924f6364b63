package dev.bulla.attestation.protocol.snp;

/** The kind of key that signed a report (56860, SIGNING_KEY). */
public enum SnpSigningKey {
    /** The chip's own key at a version of its firmware, the versioned chip endorsement key. */
    VCEK,
    /** A cloud provider's key that was loaded into the chip, the versioned loaded endorsement key. */
    VLEK,
    /** None: the report is not signed. */
    NONE,
    /** A value that the ABI reserves. */
    RESERVED;

    static SnpSigningKey of(int code) {
        return switch (code) {
            case 0 -> VCEK;
            case 1 -> VLEK;
            case 7 -> NONE;
            default -> RESERVED;
        };
    }
}
