package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Quoted;
import dev.bulla.policy.bundle.SlsaProvenance;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What SLSA provenance must say, each exactly; what is empty is not asked for.
 *
 * @param builderId who built
 * @param buildType how
 * @param sourceUri from which repository
 * @param sourceRef from which branch or tag
 * @param sourceDigest from which commit, in hex
 */
record SlsaExpectation(
        Optional<String> builderId,
        Optional<String> buildType,
        Optional<String> sourceUri,
        Optional<String> sourceRef,
        Optional<String> sourceDigest) {
    SlsaExpectation {
        requireNonNull(builderId, "builderId is null");
        requireNonNull(buildType, "buildType is null");
        requireNonNull(sourceUri, "sourceUri is null");
        requireNonNull(sourceRef, "sourceRef is null");
        requireNonNull(sourceDigest, "sourceDigest is null");
    }

    /** Requires that the provenance says all that is asked for. */
    void verify(SlsaProvenance provenance) throws SignatureRejectedException {
        require("builderId", builderId, provenance.builderId().stream().collect(Collectors.toSet()));
        require("buildType", buildType, provenance.buildType().stream().collect(Collectors.toSet()));
        require("sourceUri", sourceUri, provenance.sourceUri().stream().collect(Collectors.toSet()));
        require("sourceRef", sourceRef, provenance.sourceRef().stream().collect(Collectors.toSet()));
        require("sourceDigest", sourceDigest, provenance.sourceDigests());
    }

    private static void require(String field, Optional<String> expected, Set<String> found)
            throws SignatureRejectedException {
        if (expected.isPresent() && !found.contains(expected.get())) {
            throw new SignatureRejectedException(
                    SignatureCheck.PAYLOAD,
                    "the provenance's " + field + " is "
                            + (found.isEmpty()
                                    ? "absent"
                                    : found.stream().sorted().map(Quoted::text).collect(Collectors.joining(", ")))
                            + ", expected " + Quoted.text(expected.get()));
        }
    }
}
