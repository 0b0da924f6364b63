package dev.bulla.ocicrypt;

import dev.bulla.oci.OciException;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonNull;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/**
 * A layer's public options, the annotation {@code …enc.pubopts}: which cipher, and the HMAC over the ciphertext.
 *
 * <p>JSON: {@code {"cipher":"AES_256_CTR_HMAC_SHA256","hmac":base64,"cipheroptions":{name:base64}}}; Go may write
 * {@code null} for no cipher options.
 *
 * @param hmac the HMAC-SHA256, {@value #HMAC_LENGTH} bytes
 * @param nonce a nonce that stands here though it belongs into the private options; it is compared, never used
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; lives within one call
record PublicOptions(byte[] hmac, Optional<byte[]> nonce) {
    static final String CIPHER = "AES_256_CTR_HMAC_SHA256";
    static final int HMAC_LENGTH = 32;

    /** The most bytes of the JSON. */
    static final int MAX_SIZE = 4096;

    PublicOptions {
        if (hmac.length != HMAC_LENGTH) {
            throw new IllegalArgumentException("an HMAC-SHA256 of " + hmac.length + " bytes");
        }
    }

    static PublicOptions parse(byte[] json) throws MalformedEncryptionException {
        if (json.length > MAX_SIZE) {
            throw new MalformedEncryptionException(
                    "public options: got " + json.length + " bytes, expected at most " + MAX_SIZE);
        }
        try {
            JsonCursor.Members members = JsonCursor.parse(json).object();
            members.allowOnly("cipher", "hmac", "cipheroptions");
            JsonCursor cipher = members.required("cipher");
            if (!cipher.string().equals(CIPHER)) {
                throw cipher.refuse("got " + Quoted.text(cipher.string()) + ", expected \"" + CIPHER + "\"");
            }
            JsonCursor hmacText = members.required("hmac");
            byte[] hmac = bytes(hmacText);
            if (hmac.length != HMAC_LENGTH) {
                throw hmacText.refuse("got " + hmac.length + " bytes, expected " + HMAC_LENGTH);
            }
            Optional<byte[]> nonce = Optional.empty();
            Optional<JsonCursor> options = members.present("cipheroptions");
            if (options.isPresent()) {
                for (Map.Entry<String, JsonCursor> option :
                        options.get().object().all().entrySet()) {
                    byte[] value = bytes(option.getValue());
                    if (option.getKey().equals("nonce")) {
                        nonce = Optional.of(value);
                    }
                }
            }
            return new PublicOptions(hmac, nonce);
        } catch (OciException e) {
            throw new MalformedEncryptionException("public options: " + e.getMessage(), e);
        }
    }

    private static byte[] bytes(JsonCursor text) throws OciException {
        if (text.value() == JsonNull.NULL) {
            return new byte[0]; // Go's spelling of no bytes
        }
        try {
            return StrictBase64.decode(text.string());
        } catch (IllegalArgumentException e) {
            throw text.refuse("not base64");
        }
    }

    /** The JSON as the Go library writes it. */
    byte[] toJson() {
        JsonObject json = JsonObject.builder()
                .put("cipher", CIPHER)
                .put("hmac", Base64.getEncoder().encodeToString(hmac))
                .put("cipheroptions", JsonObject.builder().build())
                .build();
        return JsonWriter.compact(json).getBytes(StandardCharsets.UTF_8);
    }
}
