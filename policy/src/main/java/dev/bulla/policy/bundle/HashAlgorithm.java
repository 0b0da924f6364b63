package dev.bulla.policy.bundle;

import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonNumber;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** A hash function by its three names: protobuf's, Rekor v1's and the JDK's. */
enum HashAlgorithm {
    SHA256("SHA2_256", 1, "sha256", "SHA-256"),
    SHA384("SHA2_384", 2, "sha384", "SHA-384"),
    SHA512("SHA2_512", 3, "sha512", "SHA-512");

    private final String protoName;
    private final int protoNumber;
    private final String id;
    private final String jcaName;

    HashAlgorithm(String protoName, int protoNumber, String id, String jcaName) {
        this.protoName = protoName;
        this.protoNumber = protoNumber;
        this.id = id;
        this.jcaName = jcaName;
    }

    /** The value of protobuf's enumeration, by its name or its number. */
    static HashAlgorithm proto(JsonCursor value) throws JsonException {
        boolean number = value.value() instanceof JsonNumber;
        long asked = number ? value.integer(0, Integer.MAX_VALUE) : 0;
        for (HashAlgorithm algorithm : values()) {
            if (number ? algorithm.protoNumber == asked : algorithm.protoName.equals(value.string())) {
                return algorithm;
            }
        }
        throw value.refuse("expected the hash algorithm SHA2_256, SHA2_384 or SHA2_512");
    }

    /** The value of an entry of Rekor v1, {@code sha256}. */
    static HashAlgorithm rekor(JsonCursor value) throws JsonException {
        for (HashAlgorithm algorithm : values()) {
            if (algorithm.id.equals(value.string())) {
                return algorithm;
            }
        }
        throw value.refuse("expected the hash algorithm sha256, sha384 or sha512");
    }

    /** The hash of these bytes. */
    byte[] of(byte[] bytes) {
        try {
            return MessageDigest.getInstance(jcaName).digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has the three
        }
    }

    /** The name in messages, {@code sha256}. */
    String id() {
        return id;
    }
}
