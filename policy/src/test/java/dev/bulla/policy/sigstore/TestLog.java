package dev.bulla.policy.sigstore;

import dev.bulla.oci.Digest;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonWriter;
import dev.bulla.policy.signature.SigningKey;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;

/** A transparency log in a test: it promises whatever it is told to. */
public record TestLog(SigningKey key) {
    /** A log with a new key. */
    public static TestLog create() throws GeneralSecurityException {
        return new TestLog(SigningKey.ec("secp256r1"));
    }

    /** The promise of an entry of that signature. */
    public byte[] promise(byte[] payload, byte[] signature, byte[] keyOrCertificate, Instant time)
            throws GeneralSecurityException {
        return promise(
                JsonWriter.compact(JsonObject.builder()
                        .put("apiVersion", "0.0.1")
                        .put("kind", "hashedrekord")
                        .put(
                                "spec",
                                JsonObject.builder()
                                        .put(
                                                "data",
                                                JsonObject.builder()
                                                        .put(
                                                                "hash",
                                                                JsonObject.builder()
                                                                        .put("algorithm", "sha256")
                                                                        .put(
                                                                                "value",
                                                                                Digest.Algorithm.SHA256
                                                                                        .of(payload)
                                                                                        .hex())
                                                                        .build())
                                                        .build())
                                        .put(
                                                "signature",
                                                JsonObject.builder()
                                                        .put("content", base64(signature))
                                                        .put(
                                                                "publicKey",
                                                                JsonObject.builder()
                                                                        .put("content", base64(keyOrCertificate))
                                                                        .build())
                                                        .build())
                                        .build())
                        .build()),
                time.getEpochSecond());
    }

    /** The promise of an entry of that body. */
    public byte[] promise(String body, long time) throws GeneralSecurityException {
        JsonObject payload = JsonObject.builder()
                .put("body", base64(body.getBytes(StandardCharsets.UTF_8)))
                .put("integratedTime", time)
                .put("logIndex", 7)
                .put("logID", "00")
                .build();
        return JsonWriter.compact(JsonObject.builder()
                        .put("SignedEntryTimestamp", base64(key.sign(JsonWriter.canonical(payload))))
                        .put("Payload", payload)
                        .build())
                .getBytes(StandardCharsets.UTF_8);
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
