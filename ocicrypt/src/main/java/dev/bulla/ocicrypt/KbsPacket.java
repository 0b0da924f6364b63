package dev.bulla.ocicrypt;

import dev.bulla.oci.OciException;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * The annotation packet by which a layer's private options are wrapped under a key of an attestation service.
 *
 * <p>Version 1: {@code {"kid":"kbs:///repository/type/tag","wrapped_data":base64,"iv":base64,"wrap_type":"A256GCM"}}.
 * Version 2 adds {@code version} ({@code 0.1.0}), {@code provider} ({@code kbs}), {@code provider_settings} and
 * {@code annotations}, which mean nothing for this provider.
 *
 * @param keyUri the key's URI
 * @param wrappedData the private options encrypted; for GCM with the tag at the end
 * @param iv the initialization vector, of the length that the type needs
 * @param type how they are encrypted
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; lives within one call
record KbsPacket(URI keyUri, byte[] wrappedData, byte[] iv, WrapType type) {

    /** How a packet's data is encrypted. */
    enum WrapType {
        A256GCM(12),
        /** Without integrity: whoever can write the packet can change the key stream's input at will. */
        A256CTR(16);

        private final int ivLength;

        WrapType(int ivLength) {
            this.ivLength = ivLength;
        }
    }

    /** The most bytes of wrapped data: options and a tag. */
    static final int MAX_WRAPPED = PrivateOptions.MAX_SIZE + 16;

    private static final String VERSION = "0.1.0";
    private static final String PROVIDER = "kbs";

    static KbsPacket parse(byte[] json) throws OciException {
        JsonCursor.Members members = JsonCursor.parse(json).object();
        members.allowOnly(
                "kid", "wrapped_data", "iv", "wrap_type", "version", "provider", "provider_settings", "annotations");
        requireIfPresent(members, "version", VERSION);
        requireIfPresent(members, "provider", PROVIDER);
        for (String ignored : new String[] {"provider_settings", "annotations"}) {
            Optional<JsonCursor> object = members.present(ignored);
            if (object.isPresent()) {
                object.get().object();
            }
        }
        JsonCursor kid = members.required("kid");
        Optional<URI> uri = KbsKeyUri.parse(kid.string());
        if (uri.isEmpty()) {
            throw kid.refuse(
                    "got " + Quoted.text(kid.string()) + ", expected kbs:///repository/type/tag without a host");
        }
        WrapType type = type(members.required("wrap_type"));
        JsonCursor ivText = members.required("iv");
        byte[] iv = bytes(ivText);
        if (iv.length != type.ivLength) {
            throw ivText.refuse("got " + iv.length + " bytes, expected " + type.ivLength + " for " + type);
        }
        JsonCursor dataText = members.required("wrapped_data");
        byte[] data = bytes(dataText);
        if (data.length > MAX_WRAPPED) {
            throw dataText.refuse("got " + data.length + " bytes, expected at most " + MAX_WRAPPED);
        }
        return new KbsPacket(uri.get(), data, iv, type);
    }

    private static void requireIfPresent(JsonCursor.Members members, String name, String expected) throws OciException {
        Optional<JsonCursor> member = members.optional(name);
        if (member.isPresent() && !member.get().string().equals(expected)) {
            throw member.get().refuse("got " + Quoted.text(member.get().string()) + ", expected \"" + expected + "\"");
        }
    }

    private static WrapType type(JsonCursor text) throws OciException {
        for (WrapType type : WrapType.values()) {
            if (type.name().equals(text.string())) {
                return type;
            }
        }
        throw text.refuse("got " + Quoted.text(text.string()) + ", expected \"A256GCM\"");
    }

    private static byte[] bytes(JsonCursor text) throws OciException {
        try {
            return StrictBase64.decode(text.string());
        } catch (IllegalArgumentException e) {
            throw text.refuse("not base64");
        }
    }

    /** The packet as version 1, which every guest reads. */
    byte[] toJson() {
        JsonObject json = JsonObject.builder()
                .put("kid", keyUri.toString())
                .put("wrapped_data", Base64.getEncoder().encodeToString(wrappedData))
                .put("iv", Base64.getEncoder().encodeToString(iv))
                .put("wrap_type", type.name())
                .build();
        return JsonWriter.compact(json).getBytes(StandardCharsets.UTF_8);
    }
}
