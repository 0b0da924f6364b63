package dev.bulla.attestation.protocol.snp;

/**
 * Which keys a report names (56860, the word at 048h).
 *
 * @param bits the 32 bits as they stand in the report
 */
public record SnpKeyInfo(int bits) {
    private static final int FIRST_RESERVED = 5;

    /** Whether the digest of the author key is in the report. */
    public boolean authorKeyPresent() {
        return (bits & 1) != 0;
    }

    /** Whether the platform hides its key: such a report has zeros for a signature. */
    public boolean chipKeyMasked() {
        return (bits >>> 1 & 1) != 0;
    }

    /** The kind of key that signed. */
    public SnpSigningKey signingKey() {
        return SnpSigningKey.of(bits >>> 2 & 7);
    }

    /** Whether the bits that the ABI reserves are zero. */
    public boolean isWellFormed() {
        return bits >>> FIRST_RESERVED == 0;
    }
}
