package dev.bulla.kbs.evidence.tpm;

import dev.bulla.kbs.evidence.EvidenceException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** A hash of a TPM by its TPM_ALG_ID; SHA-1 is none that we take. */
enum TpmHash {
    SHA256(0x000B, "SHA-256", "SHA256", 32),
    SHA384(0x000C, "SHA-384", "SHA384", 48),
    SHA512(0x000D, "SHA-512", "SHA512", 64);

    private final int id;
    private final String jdkName;
    private final String signatureName;
    private final int size;

    TpmHash(int id, String jdkName, String signatureName, int size) {
        this.id = id;
        this.jdkName = jdkName;
        this.signatureName = signatureName;
        this.size = size;
    }

    static TpmHash of(int id) throws EvidenceException {
        for (TpmHash hash : values()) {
            if (hash.id == id) {
                return hash;
            }
        }
        throw new EvidenceException(
                "TPM quote: hash algorithm " + Integer.toHexString(id) + "h, expected SHA-256, SHA-384 or SHA-512");
    }

    int id() {
        return id;
    }

    /** Such as {@code SHA-256}. */
    String jdkName() {
        return jdkName;
    }

    /** Such as {@code SHA256}. */
    String signatureName() {
        return signatureName;
    }

    int size() {
        return size;
    }

    MessageDigest digest() {
        try {
            return MessageDigest.getInstance(jdkName);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
