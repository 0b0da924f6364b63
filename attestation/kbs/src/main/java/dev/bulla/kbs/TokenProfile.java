package dev.bulla.kbs;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * What a KBS writes into its tokens besides the guest's appraisals.
 *
 * @param lifetime how long a token lasts
 * @param issuer {@code iss}
 * @param developer {@code ear.verifier-id}'s {@code developer}
 * @param build {@code ear.verifier-id}'s {@code build}
 * @param profile {@code eat_profile}
 * @param policyId the attestation policies' id; that of a device of class {@code c} is {@code <id>_c}
 * @param verbose whether the primary evidence's claims repeat the devices' evidence
 */
public record TokenProfile(
        Duration lifetime,
        String issuer,
        String developer,
        String build,
        String profile,
        String policyId,
        boolean verbose) {
    /** How long a token lasts unless it is set otherwise. */
    public static final Duration LIFETIME = Duration.ofMinutes(5);

    /** Trustee's own words. */
    public static final TokenProfile DEFAULT = new TokenProfile(
            LIFETIME,
            "CoCo-Attestation-Service",
            "https://confidentialcontainers.org",
            "attestation-service 0.1.0",
            "tag:github.com,2024:confidential-containers/Trustee",
            "default",
            true);

    public TokenProfile {
        if (!lifetime.isPositive()) {
            throw new IllegalArgumentException("a lifetime of " + lifetime);
        }
        requireNonNull(issuer, "issuer is null");
        requireNonNull(developer, "developer is null");
        requireNonNull(build, "build is null");
        requireNonNull(profile, "profile is null");
        requireNonNull(policyId, "policyId is null");
    }

    /** This profile with another lifetime. */
    public TokenProfile withLifetime(Duration other) {
        return new TokenProfile(other, issuer, developer, build, profile, policyId, verbose);
    }

    /** This profile with other policies. */
    public TokenProfile withPolicyId(String other) {
        return new TokenProfile(lifetime, issuer, developer, build, profile, other, verbose);
    }
}
