package dev.bulla.attestation.protocol;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.json.JsonObject;

/**
 * What a KBS says when it refuses: {@code {"type":"<URI of the variant>","detail":"…"}}.
 *
 * @param type a URI whose last segment names the variant
 * @param detail the server's words
 */
public record ErrorInformation(String type, String detail) {
    /** What a type begins with. */
    public static final String TYPE_PREFIX = "https://github.com/confidential-containers/kbs/errors/";

    public ErrorInformation {
        requireNonNull(type, "type is null");
        requireNonNull(detail, "detail is null");
    }

    /** The refusal of this variant. */
    public static ErrorInformation of(String variant, String detail) {
        return new ErrorInformation(TYPE_PREFIX + variant, detail);
    }

    /**
     * Reads a refusal.
     *
     * @param utf8 the text; the caller has bounded its length
     * @throws KbsProtocolException when it is malformed
     */
    public static ErrorInformation parse(byte[] utf8) throws KbsProtocolException {
        return WireText.read(
                "error information",
                utf8,
                members -> new ErrorInformation(
                        members.required("type").string(),
                        members.required("detail").string()));
    }

    /** The variant's name, such as {@code PolicyDeny}: what follows the type's last slash. */
    public String variant() {
        return type.substring(type.lastIndexOf('/') + 1);
    }

    /** The message's text. */
    public byte[] toJson() {
        return WireText.write(
                JsonObject.builder().put("type", type).put("detail", detail).build());
    }
}
