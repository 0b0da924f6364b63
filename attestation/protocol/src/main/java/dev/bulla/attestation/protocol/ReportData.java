package dev.bulla.attestation.protocol;

import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import dev.bulla.oci.json.JsonWriter;

/**
 * The bytes that evidence must carry: the hash of the runtime data's canonical JSON (RFC 8785).
 *
 * <p>Devices cover {@code {"nonce","tee-pubkey"}}; the primary TEE covers the devices' evidence too, by
 * {@code "additional-evidence"}, which is there even when it is empty.
 */
public final class ReportData {
    private ReportData() {}

    /** The canonical JSON object that a device's evidence covers. */
    public static JsonObject deviceClaims(RuntimeData runtimeData) {
        return runtimeData.toJson();
    }

    /** The canonical JSON object that the primary evidence covers. */
    public static JsonObject primaryClaims(RuntimeData runtimeData, String additionalEvidence) {
        JsonObject.Builder claims = JsonObject.builder().put("additional-evidence", additionalEvidence);
        for (var member : runtimeData.toJson().members().entrySet()) {
            JsonValue value = member.getValue();
            claims.put(member.getKey(), value);
        }
        return claims.build();
    }

    /** What a device's evidence must carry. */
    public static byte[] ofDevice(HashAlgorithm algorithm, RuntimeData runtimeData) {
        return algorithm.digest(JsonWriter.canonical(deviceClaims(runtimeData)));
    }

    /** What the primary evidence must carry. */
    public static byte[] ofPrimary(HashAlgorithm algorithm, RuntimeData runtimeData, String additionalEvidence) {
        return algorithm.digest(JsonWriter.canonical(primaryClaims(runtimeData, additionalEvidence)));
    }
}
