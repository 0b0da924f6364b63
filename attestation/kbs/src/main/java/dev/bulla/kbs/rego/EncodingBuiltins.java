package dev.bulla.kbs.rego;

import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;

/** Functions that encode and decode; what is decoded must be UTF-8, and JSON strict. */
final class EncodingBuiltins {
    private EncodingBuiltins() {}

    private interface Decoding {
        byte[] decode(String text);
    }

    private interface Encoding {
        String encode(byte[] bytes);
    }

    static void addTo(Map<String, Builtin> all) {
        all.put("base64.encode", encoding(Base64.getEncoder()::encodeToString));
        all.put("base64.decode", decoding(Base64.getDecoder()::decode));
        all.put("base64url.encode", encoding(Base64.getUrlEncoder()::encodeToString));
        all.put("base64url.encode_no_pad", encoding(Base64.getUrlEncoder().withoutPadding()::encodeToString));
        all.put("base64url.decode", decoding(Base64.getUrlDecoder()::decode));
        all.put("hex.encode", encoding(HexFormat.of()::formatHex));
        all.put("hex.decode", decoding(HexFormat.of()::parseHex));
        all.put(
                "json.marshal",
                new Builtin(1, a -> RegoValue.TextValue.of(JsonWriter.compact(JsonForm.write(a.value(0))))));
        all.put("json.unmarshal", new Builtin(1, a -> unmarshal(a.text(0))));
    }

    private static Builtin encoding(Encoding encoding) {
        return new Builtin(
                1, a -> RegoValue.TextValue.of(encoding.encode(a.text(0).getBytes(StandardCharsets.UTF_8))));
    }

    private static Builtin decoding(Decoding decoding) {
        return new Builtin(1, a -> {
            try {
                return RegoValue.TextValue.of(StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(decoding.decode(a.text(0))))
                        .toString());
            } catch (IllegalArgumentException e) {
                throw new RegoException("argument 1 is not encoded so");
            } catch (CharacterCodingException e) {
                throw new RegoException("argument 1 decodes to what is not UTF-8");
            }
        });
    }

    private static RegoValue unmarshal(String text) throws RegoException {
        try {
            return JsonForm.read(JsonCursor.parse(text).value());
        } catch (JsonException e) {
            throw new RegoException("argument 1 is not JSON: " + e.getMessage());
        }
    }
}
