package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * A statement about the image in a sigstore bundle.
 *
 * @param trust what the bundle must go back to
 * @param predicateType what kind of statement, exactly
 * @param slsa what it must say, where it is SLSA provenance
 */
record AttestationRequirement(BundleTrustSource trust, String predicateType, Optional<SlsaExpectation> slsa)
        implements PolicyRequirement {
    static final String TYPE = "attestation";

    AttestationRequirement {
        requireNonNull(trust, "trust is null");
        requireNonNull(predicateType, "predicateType is null");
        requireNonNull(slsa, "slsa is null");
    }

    @Override
    public String type() {
        return TYPE;
    }

    /**
     * Only where it is provenance and the builder is named: then a builder whom the policy trusts states that it made this
     * very image. Any other statement is about an image and not for it; a scan that found holes is signed too.
     */
    @Override
    public boolean cryptographic() {
        return slsa.flatMap(SlsaExpectation::builderId).isPresent();
    }
}
