package dev.bulla.guest.trial;

import dev.bulla.oci.OciException;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.policy.PolicyException;
import dev.bulla.policy.SignatureBlob;
import dev.bulla.policy.SignatureSource;
import dev.bulla.policy.StoredSignature;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Reads a signature from a file, of the kind that its bytes show: a blob of containers/image (OpenPGP, or zero, a format's
 * name and what is of that format), a sigstore bundle (JSON with its {@code mediaType}), or a notation envelope (JWS in JSON,
 * COSE).
 */
final class SignatureFile {
    private static final String BUNDLE = "application/vnd.dev.sigstore.bundle";

    /** The tag of a COSE_Sign1 (RFC 9052), which is no OpenPGP packet that a signature can begin with. */
    private static final int COSE_SIGN1 = 0xD2;

    private SignatureFile() {}

    static StoredSignature read(Path file) throws IOException, PolicyException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(SignatureSource.MAX_SIGNATURE_LENGTH + 1);
        }
        if (bytes.length > SignatureSource.MAX_SIGNATURE_LENGTH) {
            throw new PolicyException(
                    "signature " + file + ": more than " + SignatureSource.MAX_SIGNATURE_LENGTH + " bytes");
        }
        try {
            return of(bytes)
                    .orElseThrow(() -> new PolicyException("signature " + file
                            + ": it is neither OpenPGP, sigstore-json, a sigstore bundle nor a notation envelope"));
        } catch (OciException e) {
            throw new PolicyException("signature " + file + ": " + e.getMessage(), e);
        }
    }

    /** The signature; empty where the bytes show no kind. */
    static Optional<StoredSignature> of(byte[] bytes) throws OciException, PolicyException {
        int first = bytes.length == 0 ? 0x20 : Byte.toUnsignedInt(bytes[0]);
        if (first == '{') {
            return json(bytes);
        }
        if (first == COSE_SIGN1) {
            return Optional.of(new StoredSignature(StoredSignature.Kind.NOTATION, "application/cose", bytes, Map.of()));
        }
        // The first octet of every OpenPGP packet has its highest bit set (RFC 9580 §4.2).
        return first == 0 || (first & 0x80) != 0 ? Optional.of(SignatureBlob.read(bytes)) : Optional.empty();
    }

    private static Optional<StoredSignature> json(byte[] bytes) throws JsonException {
        JsonCursor.Members members = JsonCursor.parse(bytes).object();
        Optional<JsonCursor> mediaType = members.optional("mediaType");
        if (mediaType.isPresent()) {
            String type = mediaType.get().string();
            return type.startsWith(BUNDLE)
                    ? Optional.of(new StoredSignature(StoredSignature.Kind.SIGSTORE_BUNDLE, type, bytes, Map.of()))
                    : Optional.empty();
        }
        return members.names().contains("protected") && members.names().contains("signature")
                ? Optional.of(
                        new StoredSignature(StoredSignature.Kind.NOTATION, "application/jose+json", bytes, Map.of()))
                : Optional.empty();
    }
}
