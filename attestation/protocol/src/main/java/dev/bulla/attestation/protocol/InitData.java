package dev.bulla.attestation.protocol;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.json.JsonObject;

/**
 * The initdata a guest was started with, as it goes to the KBS in plain text.
 *
 * @param format the format of the body; {@code toml} is the only one that servers take
 * @param body the text, whose bytes' digest the evidence may carry
 */
public record InitData(String format, String body) {
    public InitData {
        requireNonNull(format, "format is null");
        requireNonNull(body, "body is null");
    }

    JsonObject toJson() {
        return JsonObject.builder().put("format", format).put("body", body).build();
    }
}
