package dev.bulla.kbs;

import dev.bulla.oci.json.JsonBoolean;
import dev.bulla.oci.json.JsonNumber;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import java.math.BigDecimal;
import java.util.Optional;

/**
 * What a sample guest's claims are worth, by the rules of Trustee's default policy for CPUs: without reference values the
 * hardware is not recognised, which is contraindicated.
 *
 * @param referenceValues what the claims are compared with: {@code launch_digest} and {@code svn} (lists),
 *     {@code major_version} and {@code minimum_minor_version} (numbers)
 */
record SampleAppraisal(ReferenceValues referenceValues) {
    /** AR4SI: only recognised executables were loaded during boot. */
    private static final int APPROVED_BOOT = 3;
    /** AR4SI: memory includes executables that are not recognised. */
    private static final int UNRECOGNISED_EXECUTABLES = 33;
    /** AR4SI: hardware and firmware are genuine. */
    private static final int GENUINE_HARDWARE = 2;
    /** AR4SI: hardware or firmware should be recognised, and is not. */
    private static final int UNRECOGNISED_HARDWARE = 97;
    /** AR4SI: the configuration is known and approved. */
    private static final int APPROVED_CONFIGURATION = 2;
    /** AR4SI: parts of the configuration are not available to the verifier. */
    private static final int UNAVAILABLE_CONFIGURATION = 36;

    TrustworthinessVector appraise(JsonObject claims) {
        boolean approvedBoot = listed("launch_digest", claims.get("launch_digest"));
        boolean genuine = listed("svn", claims.get("svn")) && versionAllowed(claims.get("platform_version"));
        boolean debugOff = claims.get("debug").equals(Optional.of(new JsonBoolean(false)));
        return new TrustworthinessVector(
                0,
                debugOff ? APPROVED_CONFIGURATION : UNAVAILABLE_CONFIGURATION,
                approvedBoot ? APPROVED_BOOT : UNRECOGNISED_EXECUTABLES,
                0,
                genuine ? GENUINE_HARDWARE : UNRECOGNISED_HARDWARE,
                0,
                0,
                0);
    }

    private boolean listed(String name, Optional<JsonValue> claim) {
        return claim.filter(value -> referenceValues.listed(name, value)).isPresent();
    }

    private boolean versionAllowed(Optional<JsonValue> claim) {
        if (!(claim.orElse(null) instanceof JsonObject version)) {
            return false;
        }
        Optional<BigDecimal> major = number(version, "major");
        Optional<BigDecimal> minor = number(version, "minor");
        Optional<BigDecimal> expectedMajor = referenceValues.number("major_version");
        Optional<BigDecimal> leastMinor = referenceValues.number("minimum_minor_version");
        return major.isPresent()
                && minor.isPresent()
                && expectedMajor.isPresent()
                && leastMinor.isPresent()
                && major.get().compareTo(expectedMajor.get()) == 0
                && minor.get().compareTo(leastMinor.get()) >= 0;
    }

    private static Optional<BigDecimal> number(JsonObject object, String name) {
        return object.get(name).orElse(null) instanceof JsonNumber number
                ? Optional.of(new BigDecimal(number.literal()))
                : Optional.empty();
    }
}
