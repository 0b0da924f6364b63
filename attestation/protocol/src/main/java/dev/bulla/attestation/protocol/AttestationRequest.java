package dev.bulla.attestation.protocol;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonNull;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import java.util.Optional;

/**
 * A guest's answer to a challenge: {@code {"init-data","runtime-data","tee-evidence"}}.
 *
 * @param initData the initdata the guest was started with, if any
 * @param runtimeData what the evidence is bound to
 * @param primaryEvidence the TEE's evidence, in its kind's own shape
 * @param additionalEvidence the devices' evidence as the JSON text of a map by TEE name; empty where there is none
 */
public record AttestationRequest(
        Optional<InitData> initData, RuntimeData runtimeData, JsonValue primaryEvidence, String additionalEvidence) {

    public AttestationRequest {
        requireNonNull(initData, "initData is null");
        requireNonNull(runtimeData, "runtimeData is null");
        requireNonNull(primaryEvidence, "primaryEvidence is null");
        requireNonNull(additionalEvidence, "additionalEvidence is null");
    }

    /**
     * Reads an answer.
     *
     * @param utf8 the text; the caller has bounded its length
     * @throws KbsProtocolException when it is malformed, or its key is not exactly one of the shapes that
     *     {@link TeePublicKey#parse} takes
     */
    public static AttestationRequest parse(byte[] utf8) throws KbsProtocolException {
        return parse(utf8, TeePublicKey::parse);
    }

    /** Reads an answer as {@link #parse} does, one with an experimental key too. */
    public static AttestationRequest parseExperimental(byte[] utf8) throws KbsProtocolException {
        return parse(utf8, TeePublicKey::parseExperimental);
    }

    @FunctionalInterface
    private interface KeyReading {
        TeePublicKey read(JsonCursor cursor) throws KbsProtocolException;
    }

    private static AttestationRequest parse(byte[] utf8, KeyReading keys) throws KbsProtocolException {
        return WireText.read("attestation request", utf8, members -> {
            members.allowOnly("init-data", "runtime-data", "tee-evidence");
            Optional<JsonCursor> initData = members.present("init-data");
            JsonCursor.Members runtimeData = members.required("runtime-data").object();
            runtimeData.allowOnly("nonce", "tee-pubkey");
            JsonCursor.Members evidence = members.required("tee-evidence").object();
            evidence.allowOnly("primary_evidence", "additional_evidence");
            return new AttestationRequest(
                    initData.isEmpty() ? Optional.empty() : Optional.of(readInitData(initData.get())),
                    new RuntimeData(
                            runtimeData.required("nonce").string(), keys.read(runtimeData.required("tee-pubkey"))),
                    evidence.required("primary_evidence").value(),
                    evidence.required("additional_evidence").string());
        });
    }

    private static InitData readInitData(JsonCursor cursor) throws JsonException {
        JsonCursor.Members members = cursor.object();
        members.allowOnly("format", "body");
        return new InitData(
                members.required("format").string(), members.required("body").string());
    }

    /** The message's text. */
    public byte[] toJson() {
        return WireText.write(JsonObject.builder()
                .put("init-data", initData.<JsonValue>map(InitData::toJson).orElse(JsonNull.NULL))
                .put("runtime-data", runtimeData.toJson())
                .put(
                        "tee-evidence",
                        JsonObject.builder()
                                .put("primary_evidence", primaryEvidence)
                                .put("additional_evidence", additionalEvidence)
                                .build())
                .build());
    }
}
