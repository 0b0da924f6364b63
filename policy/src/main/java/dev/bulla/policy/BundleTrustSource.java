package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.policy.bundle.BundleTrust;
import dev.bulla.policy.bundle.CertificateIdentity;
import dev.bulla.policy.bundle.TrustedRoot;
import dev.bulla.policy.signature.KeyMaterialException;
import dev.bulla.policy.signature.VerificationKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a policy says that a sigstore bundle must go back to; its files are read at evaluation. */
sealed interface BundleTrustSource {

    /** Reads the files. */
    BundleTrust read(KeyMaterialReader reader) throws KeyMaterialException;

    /**
     * One of these public keys.
     *
     * @param keys at least one
     * @param witnesses who must have seen the signature; empty where nobody need have
     */
    record Keys(List<KeyMaterial> keys, Optional<Witnesses> witnesses) implements BundleTrustSource {
        public Keys {
            keys = List.copyOf(keys);
            requireNonNull(witnesses, "witnesses is null");
        }

        @Override
        public BundleTrust read(KeyMaterialReader reader) throws KeyMaterialException {
            List<VerificationKey> read = new ArrayList<>();
            for (KeyMaterial material : keys) {
                read.add(VerificationKey.parse(reader.read(material), material.toString()));
            }
            return new BundleTrust.Keys(
                    read, witnesses.isPresent() ? Optional.of(witnesses.get().read(reader)) : Optional.empty());
        }
    }

    /**
     * Who must have seen a signature that a key made.
     *
     * @param root a trusted root
     * @param log whether one of its logs must have it
     * @param timestamp whether one of its time-stamping authorities must have stamped it
     */
    record Witnesses(KeyMaterial root, boolean log, boolean timestamp) {
        public Witnesses {
            requireNonNull(root, "root is null");
        }

        BundleTrust.Witnesses read(KeyMaterialReader reader) throws KeyMaterialException {
            return new BundleTrust.Witnesses(BundleTrustSource.root(root, reader), log, timestamp);
        }
    }

    /**
     * A short-lived certificate for one of these identities.
     *
     * @param root a trusted root
     * @param identities at least one
     */
    record Keyless(KeyMaterial root, List<CertificateIdentity> identities) implements BundleTrustSource {
        public Keyless {
            requireNonNull(root, "root is null");
            identities = List.copyOf(identities);
        }

        @Override
        public BundleTrust read(KeyMaterialReader reader) throws KeyMaterialException {
            return new BundleTrust.Keyless(BundleTrustSource.root(root, reader), identities);
        }
    }

    private static TrustedRoot root(KeyMaterial material, KeyMaterialReader reader) throws KeyMaterialException {
        return TrustedRoot.parse(reader.read(material), material.toString());
    }
}
