package dev.bulla.kbs.evidence;

import dev.bulla.attestation.protocol.Tee;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import java.util.Optional;

/**
 * Verifies the evidence of a sample device, a graphics processor that there is not: that it carries the report data, and nothing
 * else, since nothing in it is signed.
 */
public final class SampleDeviceVerifier implements Verifier {

    @Override
    public Tee tee() {
        return Tee.SAMPLE_DEVICE;
    }

    @Override
    public VerifiedEvidence verify(JsonValue evidence, EvidenceBinding binding) throws EvidenceException {
        SampleVerifier.Sample sample = SampleVerifier.read(evidence, binding);
        return new VerifiedEvidence(
                VerifiedEvidence.GPU,
                sample.reportData(),
                Optional.empty(),
                JsonObject.builder().put("svn", sample.svn()).build());
    }
}
