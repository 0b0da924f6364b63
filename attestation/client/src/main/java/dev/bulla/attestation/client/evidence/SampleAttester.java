package dev.bulla.attestation.client.evidence;

import dev.bulla.attestation.protocol.Tee;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import java.util.Base64;

/**
 * Makes sample evidence, {@code {"svn":"1","report_data":"<base64>"}}, for development. It has no registers.
 *
 * <p><b>Security.</b> It proves nothing: anybody can make it. It exists only where somebody asked for it by name, and a KBS
 * that guards real secrets refuses it.
 */
public final class SampleAttester implements Attester {
    @Override
    public Tee tee() {
        return Tee.SAMPLE;
    }

    @Override
    public JsonValue evidence(byte[] reportData) {
        return JsonObject.builder()
                .put("svn", "1")
                .put("report_data", Base64.getEncoder().encodeToString(reportData))
                .build();
    }
}
