package dev.bulla.attestation.protocol;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import java.util.Arrays;

/**
 * The first message, a guest's request to be challenged: {@code {"version","tee","extra-params"}}, all three required.
 *
 * @param version the protocol version the guest speaks
 * @param tee the guest's kind of TEE, by its wire name
 * @param extraParams what else the guest says; ours are the hash algorithms it knows
 */
public record AuthRequest(String version, String tee, JsonValue extraParams) {
    /** The one version of the protocol that is spoken. */
    public static final String VERSION = "0.4.0";

    public AuthRequest {
        requireNonNull(version, "version is null");
        requireNonNull(tee, "tee is null");
        requireNonNull(extraParams, "extraParams is null");
    }

    /** The request of a guest of this kind, offering every {@link HashAlgorithm}. */
    public static AuthRequest of(Tee tee) {
        return new AuthRequest(
                VERSION,
                tee.wireName(),
                JsonObject.builder()
                        .put(
                                "supported-hash-algorithms",
                                JsonArray.ofStrings(Arrays.stream(HashAlgorithm.values())
                                        .map(HashAlgorithm::wireName)
                                        .toList()))
                        .build());
    }

    /**
     * Reads a request.
     *
     * @param utf8 the text; the caller has bounded its length
     * @throws KbsProtocolException when it is malformed
     */
    public static AuthRequest parse(byte[] utf8) throws KbsProtocolException {
        return WireText.read("auth request", utf8, members -> {
            members.allowOnly("version", "tee", "extra-params");
            return new AuthRequest(
                    members.required("version").string(),
                    members.required("tee").string(),
                    members.required("extra-params").value());
        });
    }

    /** The message's text. */
    public byte[] toJson() {
        return WireText.write(JsonObject.builder()
                .put("version", version)
                .put("tee", tee)
                .put("extra-params", extraParams)
                .build());
    }
}
