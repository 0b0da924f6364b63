package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/** One requirement of a scope; the types of containers-policy.json(5). */
sealed interface PolicyRequirement {

    /** The word in a policy file. */
    String type();

    /** Whether meeting it makes an image a signed one. */
    boolean cryptographic();

    /** Met by everything; proves nothing. */
    record InsecureAcceptAnything() implements PolicyRequirement {
        @Override
        public String type() {
            return "insecureAcceptAnything";
        }

        @Override
        public boolean cryptographic() {
            return false;
        }
    }

    /** Met by nothing. */
    record Reject() implements PolicyRequirement {
        @Override
        public String type() {
            return "reject";
        }

        @Override
        public boolean cryptographic() {
            return false;
        }
    }

    /** What a simple signing key ring holds; only {@link #GPG_KEYS} was ever evaluated by anybody. */
    enum KeyType {
        GPG_KEYS("GPGKeys"),
        SIGNED_BY_GPG_KEYS("signedByGPGKeys"),
        X509_CERTIFICATES("X509Certificates"),
        SIGNED_BY_X509_CAS("signedByX509CAs");

        private final String key;

        KeyType(String key) {
            this.key = key;
        }

        String key() {
            return key;
        }
    }

    /**
     * A simple signing (OpenPGP) signature.
     *
     * @param keyType what the key rings hold
     * @param keyRings the key rings; may be empty, and then nothing meets it
     * @param keyFingerprints the primary keys of the rings that count, in upper case; empty: all of them
     * @param identity the names it takes
     */
    record SignedBy(KeyType keyType, List<KeyMaterial> keyRings, Set<String> keyFingerprints, SignedIdentity identity)
            implements PolicyRequirement {
        public SignedBy {
            requireNonNull(keyType, "keyType is null");
            keyRings = List.copyOf(keyRings);
            keyFingerprints = Set.copyOf(keyFingerprints);
            requireNonNull(identity, "identity is null");
        }

        @Override
        public String type() {
            return "signedBy";
        }

        @Override
        public boolean cryptographic() {
            return true;
        }
    }

    /**
     * A signed base image.
     *
     * @param baseLayerIdentity the names of the base image
     */
    record SignedBaseLayer(SignedIdentity baseLayerIdentity) implements PolicyRequirement {
        public SignedBaseLayer {
            requireNonNull(baseLayerIdentity, "baseLayerIdentity is null");
        }

        @Override
        public String type() {
            return "signedBaseLayer";
        }

        @Override
        public boolean cryptographic() {
            return false;
        }
    }

    /** What a sigstore signature must go back to. */
    sealed interface SigstoreTrust {

        /**
         * One of these public keys.
         *
         * @param keys at least one
         */
        record PublicKeys(List<KeyMaterial> keys) implements SigstoreTrust {
            public PublicKeys {
                keys = List.copyOf(keys);
                if (keys.isEmpty()) {
                    throw new IllegalArgumentException("no keys");
                }
            }
        }

        /**
         * A short-lived certificate of a Fulcio.
         *
         * @param ca its roots
         * @param oidcIssuer who vouched for the subject
         * @param subjectEmail the subject
         */
        record Fulcio(KeyMaterial ca, String oidcIssuer, String subjectEmail) implements SigstoreTrust {
            public Fulcio {
                requireNonNull(ca, "ca is null");
                requireNonNull(oidcIssuer, "oidcIssuer is null");
                requireNonNull(subjectEmail, "subjectEmail is null");
            }
        }

        /**
         * A certificate of one's own PKI.
         *
         * @param roots its roots
         * @param intermediates certificates between, if any
         * @param subjectEmail the subject's address, if asked for
         * @param subjectHostname the subject's host, if asked for
         */
        record Pki(
                KeyMaterial roots,
                Optional<KeyMaterial> intermediates,
                Optional<String> subjectEmail,
                Optional<String> subjectHostname)
                implements SigstoreTrust {
            public Pki {
                requireNonNull(roots, "roots is null");
                requireNonNull(intermediates, "intermediates is null");
                if (subjectEmail.isEmpty() && subjectHostname.isEmpty()) {
                    throw new IllegalArgumentException("neither subjectEmail nor subjectHostname");
                }
            }
        }
    }

    /**
     * A sigstore signature.
     *
     * @param trust what it must go back to
     * @param rekorKeys the keys of transparency logs, one of which must have logged it; empty when none is asked for
     * @param identity the names it takes
     */
    record SigstoreSigned(SigstoreTrust trust, List<KeyMaterial> rekorKeys, SignedIdentity identity)
            implements PolicyRequirement {
        public SigstoreSigned {
            requireNonNull(trust, "trust is null");
            rekorKeys = List.copyOf(rekorKeys);
            requireNonNull(identity, "identity is null");
        }

        @Override
        public String type() {
            return "sigstoreSigned";
        }

        @Override
        public boolean cryptographic() {
            return true;
        }
    }
}
