package dev.bulla.kbs.policy;

import dev.bulla.attestation.protocol.Tee;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonBoolean;
import dev.bulla.oci.json.JsonNumber;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import java.math.BigDecimal;
import java.util.Optional;

/**
 * What a sample guest's claims are worth, by the rules of Trustee's default policy for CPUs: without reference values the
 * hardware is not recognised, which is contraindicated.
 * Compared are {@code launch_digest} and {@code svn} (lists), {@code major_version} and {@code minimum_minor_version} (numbers).
 */
public final class SampleAppraisal implements AttestationPolicy {
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

    @Override
    public Appraisal appraise(JsonObject evidence, ReferenceValueSource values) throws PolicyException {
        if (!(evidence.get(Tee.SAMPLE.wireName()).orElse(null) instanceof JsonObject claims)) {
            throw new PolicyException("the evidence is not a sample's");
        }
        boolean approvedBoot = listed(values, "launch_digest", claims.get("launch_digest"));
        boolean genuine =
                listed(values, "svn", claims.get("svn")) && versionAllowed(values, claims.get("platform_version"));
        boolean debugOff = claims.get("debug").equals(Optional.of(new JsonBoolean(false)));
        return Appraisal.of(new TrustworthinessVector(
                0,
                debugOff ? APPROVED_CONFIGURATION : UNAVAILABLE_CONFIGURATION,
                approvedBoot ? APPROVED_BOOT : UNRECOGNISED_EXECUTABLES,
                0,
                genuine ? GENUINE_HARDWARE : UNRECOGNISED_HARDWARE,
                0,
                0,
                0));
    }

    private static boolean listed(ReferenceValueSource values, String name, Optional<JsonValue> claim) {
        return claim.isPresent()
                && values.find(name).orElse(null) instanceof JsonArray list
                && list.items().contains(claim.get());
    }

    private static boolean versionAllowed(ReferenceValueSource values, Optional<JsonValue> claim) {
        if (!(claim.orElse(null) instanceof JsonObject version)) {
            return false;
        }
        Optional<BigDecimal> major = number(version.get("major"));
        Optional<BigDecimal> minor = number(version.get("minor"));
        Optional<BigDecimal> expectedMajor = number(values.find("major_version"));
        Optional<BigDecimal> leastMinor = number(values.find("minimum_minor_version"));
        return major.isPresent()
                && minor.isPresent()
                && expectedMajor.isPresent()
                && leastMinor.isPresent()
                && major.get().compareTo(expectedMajor.get()) == 0
                && minor.get().compareTo(leastMinor.get()) >= 0;
    }

    private static Optional<BigDecimal> number(Optional<JsonValue> value) {
        return value.orElse(null) instanceof JsonNumber number
                ? Optional.of(new BigDecimal(number.literal()))
                : Optional.empty();
    }
}
