package dev.bulla.policy;

import dev.bulla.oci.OciException;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/**
 * Reads a signature as containers/image stores one in a file: {@code signature-N} of a lookaside store or of a {@code dir:}
 * image.
 *
 * <p>The first byte says what it is. That of an OpenPGP packet: a simple signing signature, as it stands. Zero: the name of a
 * format up to the first line feed, and then its content, either {@code simple-signing} (OpenPGP) or {@code sigstore-json},
 * an object of {@code mimeType}, {@code payload} (base64) and {@code annotations}. Anything else is no signature.
 *
 * <p><b>Security.</b> Nothing is verified here. A blob that is not recognised is an error and not an absent signature, as
 * it is for containers/image.
 */
public final class SignatureBlob {
    /** The most bytes of a blob. */
    public static final int MAX_LENGTH = SignatureSource.MAX_SIGNATURE_LENGTH;

    /** The most bytes of the name of a format. */
    static final int MAX_FORMAT_LENGTH = 64;

    private static final String SIMPLE_SIGNING = "simple-signing";
    private static final String SIGSTORE = "sigstore-json";

    private SignatureBlob() {}

    /**
     * Reads a blob.
     *
     * @param blob all of its bytes
     * @return a {@link StoredSignature.Kind#SIMPLE_SIGNING} or a {@link StoredSignature.Kind#SIGSTORE_ATTACHMENT}
     * @throws PolicyException when it is empty, longer than {@link #MAX_LENGTH}, of an unknown format or malformed
     */
    public static StoredSignature read(byte[] blob) throws PolicyException {
        if (blob.length == 0) {
            throw new PolicyException("a signature blob is empty");
        }
        if (blob.length > MAX_LENGTH) {
            throw new PolicyException("a signature blob has " + blob.length + " bytes, limit " + MAX_LENGTH);
        }
        int first = Byte.toUnsignedInt(blob[0]);
        if (isOpenPgp(first)) {
            return simpleSigning(blob);
        }
        if (first != 0) {
            throw new PolicyException(
                    "a signature blob begins with the byte " + first + ", expected an OpenPGP packet or a zero");
        }
        int lineFeed = 1;
        while (lineFeed < blob.length && lineFeed <= MAX_FORMAT_LENGTH && blob[lineFeed] != '\n') {
            lineFeed++;
        }
        if (lineFeed == blob.length || blob[lineFeed] != '\n') {
            throw new PolicyException(
                    "a signature blob names no format: no line feed after at most " + MAX_FORMAT_LENGTH + " bytes");
        }
        String format = new String(blob, 1, lineFeed - 1, StandardCharsets.ISO_8859_1);
        byte[] content = Arrays.copyOfRange(blob, lineFeed + 1, blob.length);
        return switch (format) {
            case SIMPLE_SIGNING -> simpleSigning(content);
            case SIGSTORE -> attachment(content);
            default ->
                throw new PolicyException("a signature blob of the format " + Quoted.text(format) + ", expected "
                        + SIMPLE_SIGNING + " or " + SIGSTORE);
        };
    }

    /** Whether containers/image takes a blob that begins so for OpenPGP; the list is its own, and what is none fails later. */
    private static boolean isOpenPgp(int first) {
        return switch (first) {
            case 0xA0, 0xA1, 0xA2, 0xA3, 0xC8 -> true; // compressed data
            case 0x90, 0x91, 0x92, 0x3D, 0xC4 -> true; // one-pass signature
            case 0x88, 0x89, 0x8A, 0x8B, 0xC2 -> true; // signature
            default -> false;
        };
    }

    private static StoredSignature simpleSigning(byte[] message) {
        return new StoredSignature(StoredSignature.Kind.SIMPLE_SIGNING, "", message, Map.of());
    }

    private static StoredSignature attachment(byte[] json) throws PolicyException {
        try {
            JsonCursor.Members members = JsonCursor.parse(json).object();
            members.allowOnly("mimeType", "payload", "annotations");
            // Whoever writes Go writes a map that is not there as null.
            Optional<JsonCursor> annotations = members.present("annotations");
            return StoredSignature.attachment(
                    members.required("mimeType").string(),
                    payload(members.required("payload")),
                    annotations.isPresent() ? annotations.get().stringMap() : Map.of());
        } catch (OciException e) {
            throw new PolicyException("a signature blob of the format " + SIGSTORE + ": " + e.getMessage(), e);
        }
    }

    private static byte[] payload(JsonCursor value) throws JsonException {
        try {
            return Base64.getDecoder().decode(value.string());
        } catch (IllegalArgumentException e) {
            throw value.refuse("not base64");
        }
    }
}
