package dev.bulla.policy.bundle;

import static java.util.Objects.requireNonNull;

import dev.bulla.policy.signature.VerificationKey;
import java.util.List;
import java.util.Optional;

/** What a bundle must go back to. */
public sealed interface BundleTrust {

    /**
     * One of these keys.
     *
     * @param keys at least one
     * @param witnesses who must have seen the signature; empty where nobody need have
     */
    record Keys(List<VerificationKey> keys, Optional<Witnesses> witnesses) implements BundleTrust {
        public Keys {
            keys = List.copyOf(keys);
            requireNonNull(witnesses, "witnesses is null");
            if (keys.isEmpty()) {
                throw new IllegalArgumentException("no keys");
            }
        }
    }

    /**
     * Who must have seen a signature that a key made.
     *
     * @param root the logs and authorities
     * @param log whether a log must have it
     * @param timestamp whether a time-stamping authority must have stamped it
     */
    record Witnesses(TrustedRoot root, boolean log, boolean timestamp) {
        public Witnesses {
            requireNonNull(root, "root is null");
            if (!log && !timestamp) {
                throw new IllegalArgumentException("neither log nor timestamp");
            }
        }
    }

    /**
     * A short-lived certificate of a Fulcio for one of these identities, in a log of certificates, and a signature in a log
     * of signatures.
     *
     * @param root the logs and authorities
     * @param identities at least one
     */
    record Keyless(TrustedRoot root, List<CertificateIdentity> identities) implements BundleTrust {
        public Keyless {
            requireNonNull(root, "root is null");
            identities = List.copyOf(identities);
            if (identities.isEmpty()) {
                throw new IllegalArgumentException("no identities");
            }
        }
    }
}
