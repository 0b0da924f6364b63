package dev.bulla.provision.seal;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.guest.layer.CanonicalMapping;
import java.util.Optional;

/**
 * What a seal is to be.
 *
 * @param algorithm of all its digests
 * @param mapping how the root tree is made; empty: faithfully
 * @param layers whether layers have entries too, where the seal has room for them
 * @param signer who signs it, if anybody does
 */
public record SealOptions(
        VerityAlgorithm algorithm, Optional<CanonicalMapping> mapping, boolean layers, Optional<SealSigner> signer) {
    public SealOptions {
        requireNonNull(algorithm, "algorithm is null");
        requireNonNull(mapping, "mapping is null");
        requireNonNull(signer, "signer is null");
    }
}
