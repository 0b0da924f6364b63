package dev.bulla.kbs.evidence;

import dev.bulla.attestation.protocol.Tee;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;

/**
 * Verifies sample evidence: that it carries the report data, byte for byte and without padding, and nothing else, since
 * nothing in it is signed.
 */
public final class SampleVerifier implements Verifier {

    @Override
    public Tee tee() {
        return Tee.SAMPLE;
    }

    @Override
    public VerifiedEvidence verify(JsonValue evidence, EvidenceBinding binding) throws EvidenceException {
        try {
            JsonCursor.Members members = new JsonCursor(evidence, "$.tee-evidence.primary_evidence").object();
            members.allowOnly("svn", "report_data");
            String svn = members.required("svn").string();
            String carried = members.required("report_data").string();
            if (!MessageDigest.isEqual(decode(carried), binding.reportData())) {
                throw new EvidenceException("sample evidence: the report data is not that of this nonce and key");
            }
            return new VerifiedEvidence(
                    VerifiedEvidence.CPU,
                    carried,
                    Optional.empty(),
                    JsonObject.builder()
                            .put("svn", svn)
                            .put("launch_digest", "abcde")
                            .put(
                                    "platform_version",
                                    JsonObject.builder()
                                            .put("major", 1)
                                            .put("minor", 4)
                                            .build())
                            .put("debug", false)
                            .build());
        } catch (JsonException e) {
            throw new EvidenceException("sample evidence: " + e.getMessage());
        }
    }

    private static byte[] decode(String base64) throws EvidenceException {
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new EvidenceException("sample evidence: the report data is not base64");
        }
    }
}
