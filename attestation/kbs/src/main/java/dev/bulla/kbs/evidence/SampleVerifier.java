package dev.bulla.kbs.evidence;

import dev.bulla.attestation.protocol.Tee;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import java.security.MessageDigest;
import java.util.Base64;

/**
 * Verifies sample evidence: that it carries the report data, byte for byte and without padding, and nothing else, since
 * nothing in it is signed. Of initdata it says the digest of what the guest sent, which nothing vouches for.
 */
public final class SampleVerifier implements Verifier {

    @Override
    public Tee tee() {
        return Tee.SAMPLE;
    }

    @Override
    public VerifiedEvidence verify(JsonValue evidence, EvidenceBinding binding) throws EvidenceException {
        Sample sample = read(evidence, binding);
        return new VerifiedEvidence(
                VerifiedEvidence.CPU,
                sample.reportData(),
                binding.initDataDigest().map(Base64.getEncoder()::encodeToString),
                JsonObject.builder()
                        .put("svn", sample.svn())
                        .put("launch_digest", "abcde")
                        .put(
                                "platform_version",
                                JsonObject.builder()
                                        .put("major", 1)
                                        .put("minor", 4)
                                        .build())
                        .put("debug", false)
                        .build());
    }

    /**
     * What sample evidence has.
     *
     * @param svn a number that it gives itself, as text
     * @param reportData the report data, base64
     */
    record Sample(String svn, String reportData) {}

    /** Reads sample evidence that carries the binding's report data. */
    static Sample read(JsonValue evidence, EvidenceBinding binding) throws EvidenceException {
        try {
            JsonCursor.Members members = new JsonCursor(evidence, "$").object();
            members.allowOnly("svn", "report_data");
            String svn = members.required("svn").string();
            String carried = members.required("report_data").string();
            if (!MessageDigest.isEqual(decode(carried), binding.reportData())) {
                throw new EvidenceException("sample evidence: the report data is not that of this nonce and key");
            }
            return new Sample(svn, carried);
        } catch (JsonException e) {
            throw new EvidenceException("sample evidence: " + e.getMessage());
        }
    }

    private static byte[] decode(String base64) throws EvidenceException {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new EvidenceException("sample evidence: the report data is not base64");
        }
        if (!Base64.getEncoder().encodeToString(bytes).equals(base64)) {
            throw new EvidenceException("sample evidence: the report data is not canonical base64");
        }
        return bytes;
    }
}
