package dev.bulla.kbs.policy;

import dev.bulla.attestation.protocol.Tee;
import dev.bulla.oci.json.JsonObject;

/**
 * What the evidence of an accelerator is worth: a sample device's hardware is genuine when its {@code svn} is in the reference
 * value {@code device_svn}. Executables and configuration stay unrecognised, as in Trustee's default policy, which nothing in a
 * sample device says anything of; so the best that one comes to is a warning. Any other device is contraindicated.
 *
 * <p>Trustee's text looks {@code device_svn} up where its service no longer puts it, and so contraindicates every sample device.
 */
public final class DefaultDevicePolicy implements AttestationPolicy {
    private static final int UNRECOGNISED_EXECUTABLES = 33;
    private static final int GENUINE_HARDWARE = 2;
    private static final int UNRECOGNISED_HARDWARE = 97;
    private static final int UNAVAILABLE_CONFIGURATION = 36;

    @Override
    public Appraisal appraise(JsonObject evidence, ReferenceValueSource values) {
        boolean genuine =
                new AppraisedClaims(evidence, values).isListed("device_svn", Tee.SAMPLE_DEVICE.wireName(), "svn");
        return Appraisal.of(new TrustworthinessVector(
                0,
                UNAVAILABLE_CONFIGURATION,
                UNRECOGNISED_EXECUTABLES,
                0,
                genuine ? GENUINE_HARDWARE : UNRECOGNISED_HARDWARE,
                0,
                0,
                0));
    }
}
