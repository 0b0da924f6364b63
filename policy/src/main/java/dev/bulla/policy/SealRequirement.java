package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The seal that a policy requires of an image, its certificates read.
 *
 * @param require how strong it must be
 * @param mapping by which mapping the sealed tree must have been made; empty for any
 * @param certificates whose signatures count; empty where none must
 */
public record SealRequirement(Require require, Optional<Mapping> mapping, List<X509Certificate> certificates) {
    /** How strong a seal must be. */
    public enum Require {
        /** A digest of the root tree that the manifest or the configuration covers. */
        DIGEST,
        /** Signatures over it and over the image's documents. */
        SIGNATURE;

        /** Its name in policies. */
        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** How a root tree is made of layers. */
    public enum Mapping {
        /** As composefs-rs makes it. */
        CANONICAL,
        /** As the layers say. */
        FAITHFUL;

        /** Its name in policies. */
        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public SealRequirement {
        requireNonNull(require, "require is null");
        requireNonNull(mapping, "mapping is null");
        certificates = List.copyOf(certificates);
    }
}
