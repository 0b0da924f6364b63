package dev.bulla.composefs.seal;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.VerityAlgorithm;
import java.util.Optional;

/**
 * The key of an annotation that holds a digest or its signature: {@code composefs.merged.erofs.v1.fsverity-sha256-12}, {@code
 * composefs.config.fsverity-sha512-12.sig}. Images are of format version 1.
 *
 * @param role what the digest is of
 * @param algorithm how it is computed
 * @param signature whether the value is the signature over the digest, not the digest
 */
public record SealKey(SealRole role, VerityAlgorithm algorithm, boolean signature) {
    /** The namespace of the keys. */
    public static final String NAMESPACE = "composefs.";

    private static final String SIGNATURE = ".sig";
    private static final String EROFS = ".erofs.v1.";

    public SealKey {
        requireNonNull(role, "role is null");
        requireNonNull(algorithm, "algorithm is null");
    }

    /**
     * The key that an annotation's is; empty for all others, those of drafts and of versions to come among them.
     *
     * @param annotation the annotation's key
     */
    public static Optional<SealKey> parse(String annotation) {
        if (!annotation.startsWith(NAMESPACE)) {
            return Optional.empty();
        }
        for (SealRole role : SealRole.values()) {
            for (VerityAlgorithm algorithm : VerityAlgorithm.values()) {
                SealKey key = new SealKey(role, algorithm, false);
                if (annotation.equals(key.id())) {
                    return Optional.of(key);
                }
                if (annotation.equals(key.ofSignature().id())) {
                    return Optional.of(key.ofSignature());
                }
            }
        }
        return Optional.empty();
    }

    /** The annotation's key. */
    public String id() {
        return NAMESPACE + role.id() + (role.isImage() ? EROFS : ".") + algorithm.id() + (signature ? SIGNATURE : "");
    }

    /** The key of the signature over this key's digest. */
    public SealKey ofSignature() {
        return new SealKey(role, algorithm, true);
    }

    @Override
    public String toString() {
        return id();
    }
}
