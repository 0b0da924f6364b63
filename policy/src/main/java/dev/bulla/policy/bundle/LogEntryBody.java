package dev.bulla.policy.bundle;

import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.policy.bundle.SigstoreBundle.Content;
import dev.bulla.policy.bundle.SigstoreBundle.LogEntry;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Compares what a log has recorded with what the bundle has: digest, signature, and key or certificate. Spec: sigstore/rekor,
 * pkg/types ({@code hashedrekord}, {@code dsse} 0.0.1, {@code intoto} 0.0.2); sigstore/rekor-tiles ({@code hashedrekord},
 * {@code dsse} 0.0.2).
 *
 * <p><b>Security.</b> Without it any entry of a log vouches for any signature.
 */
final class LogEntryBody {
    private final SignedContent signed;

    private LogEntryBody(SignedContent signed) {
        this.signed = signed;
    }

    /** Verifies that the entry is of this signature. */
    static void verify(LogEntry entry, SignedContent signed) throws SignatureRejectedException {
        try {
            JsonCursor.Members body = JsonCursor.parse(entry.body()).object();
            String kind = body.required("kind").string();
            String version = body.required("apiVersion").string();
            if (!kind.equals(entry.kind()) || !version.equals(entry.kindVersion())) {
                throw refused("it is of " + Quoted.text(kind + " " + version) + ", expected "
                        + Quoted.text(entry.kind() + " " + entry.kindVersion()));
            }
            new LogEntryBody(signed)
                    .verify(kind + " " + version, body.required("spec").object());
        } catch (JsonException e) {
            throw new SignatureRejectedException(SignatureCheck.LOG, "the log entry: " + e.getMessage(), e);
        }
    }

    private void verify(String kindVersion, JsonCursor.Members spec) throws JsonException, SignatureRejectedException {
        switch (kindVersion) {
            case "hashedrekord 0.0.1" -> hashedRekord(spec);
            case "hashedrekord 0.0.2" ->
                hashedRekord2(spec.required("hashedRekordV002").object());
            case "dsse 0.0.1" -> dsse(spec);
            case "dsse 0.0.2" -> dsse2(spec.required("dsseV002").object());
            case "intoto 0.0.2" -> intoto(spec.required("content").object());
            default ->
                throw refused("of the kind " + Quoted.text(kindVersion)
                        + ", expected hashedrekord 0.0.1 or 0.0.2, dsse 0.0.1 or 0.0.2, or intoto 0.0.2");
        }
    }

    private void hashedRekord(JsonCursor.Members spec) throws JsonException, SignatureRejectedException {
        requireHash(spec.required("data").object().required("hash").object(), signed.signed());
        JsonCursor.Members signature = spec.required("signature").object();
        requireSignature(base64(signature.required("content")));
        requirePem(base64(signature.required("publicKey").object().required("content")));
    }

    private void hashedRekord2(JsonCursor.Members spec) throws JsonException, SignatureRejectedException {
        requireProtoHash(spec.required("data").object(), signed.signed());
        requireProtoSignature(spec.required("signature").object());
    }

    private void dsse(JsonCursor.Members spec) throws JsonException, SignatureRejectedException {
        requireHash(spec.required("payloadHash").object(), envelope().payload());
        JsonCursor.Members signature = single(spec.required("signatures"));
        requireSignature(base64(signature.required("signature")));
        requirePem(base64(signature.required("verifier")));
    }

    private void dsse2(JsonCursor.Members spec) throws JsonException, SignatureRejectedException {
        requireProtoHash(spec.required("payloadHash").object(), envelope().payload());
        requireProtoSignature(single(spec.required("signatures")));
    }

    /** Its signature is in base64 twice: once by the envelope, once by the entry's schema. */
    private void intoto(JsonCursor.Members content) throws JsonException, SignatureRejectedException {
        requireHash(content.required("payloadHash").object(), envelope().payload());
        JsonCursor.Members logged = content.required("envelope").object();
        JsonCursor payloadType = logged.required("payloadType");
        if (!payloadType.string().equals(envelope().payloadType())) {
            throw refused("its payload is of " + Quoted.text(payloadType.string()) + ", expected the envelope's type");
        }
        JsonCursor.Members signature = single(logged.required("signatures"));
        JsonCursor sig = signature.required("sig");
        byte[] once = base64(sig);
        try {
            requireSignature(Base64.getDecoder().decode(once));
        } catch (IllegalArgumentException e) {
            throw new SignatureRejectedException(
                    SignatureCheck.LOG, "the log entry: " + sig.path() + ": not base64 in base64", e);
        }
        requirePem(base64(signature.required("publicKey")));
    }

    private Content.Envelope envelope() throws SignatureRejectedException {
        if (signed.content() instanceof Content.Envelope envelope) {
            return envelope;
        }
        throw refused("it is of an envelope, and the bundle has none");
    }

    private static JsonCursor.Members single(JsonCursor signatures) throws JsonException {
        List<JsonCursor> items = signatures.array();
        if (items.size() != 1) {
            throw signatures.refuse(items.size() + " signatures, expected one");
        }
        return items.getFirst().object();
    }

    private static byte[] base64(JsonCursor value) throws JsonException {
        return ProtoJson.bytes(value, SigstoreBundle.MAX_LENGTH);
    }

    private static void requireHash(JsonCursor.Members hash, byte[] hashed)
            throws JsonException, SignatureRejectedException {
        HashAlgorithm algorithm = HashAlgorithm.rekor(hash.required("algorithm"));
        requireDigest(
                algorithm, hash.required("value").string().equals(HexFormat.of().formatHex(algorithm.of(hashed))));
    }

    private static void requireProtoHash(JsonCursor.Members hash, byte[] hashed)
            throws JsonException, SignatureRejectedException {
        HashAlgorithm algorithm = HashAlgorithm.proto(hash.required("algorithm"));
        requireDigest(algorithm, Arrays.equals(base64(hash.required("digest")), algorithm.of(hashed)));
    }

    private static void requireDigest(HashAlgorithm algorithm, boolean same) throws SignatureRejectedException {
        if (!same) {
            throw refused("its " + algorithm.id() + " is of something else than what the bundle signs");
        }
    }

    private void requireProtoSignature(JsonCursor.Members signature) throws JsonException, SignatureRejectedException {
        requireSignature(base64(signature.required("content")));
        JsonCursor.Members verifier = signature.required("verifier").object();
        Optional<JsonCursor> certificate = verifier.present("x509Certificate");
        Optional<JsonCursor> key = verifier.present("publicKey");
        if (certificate.isPresent() == key.isPresent()) {
            throw refused("its verifier is not one of x509Certificate and publicKey");
        }
        requireVerifier(
                base64(certificate.or(() -> key).orElseThrow().object().required("rawBytes")), certificate.isPresent());
    }

    private void requireSignature(byte[] logged) throws SignatureRejectedException {
        if (!Arrays.equals(logged, signed.signature())) {
            throw refused("it has another signature than the bundle");
        }
    }

    /** The one PEM block is the bundle's certificate or the key that verified. */
    private void requirePem(byte[] pem) throws SignatureRejectedException {
        String text = new String(pem, StandardCharsets.ISO_8859_1).strip();
        String label = text.startsWith("-----BEGIN CERTIFICATE-----") ? "CERTIFICATE" : "PUBLIC KEY";
        String begin = "-----BEGIN " + label + "-----";
        String end = "-----END " + label + "-----";
        if (text.length() < begin.length() + end.length()
                || !text.startsWith(begin)
                || text.indexOf(end) != text.length() - end.length()) {
            throw refused("its verifier is not one PEM block CERTIFICATE or PUBLIC KEY");
        }
        try {
            requireVerifier(
                    Base64.getMimeDecoder().decode(text.substring(begin.length(), text.length() - end.length())),
                    label.equals("CERTIFICATE"));
        } catch (IllegalArgumentException e) {
            throw new SignatureRejectedException(SignatureCheck.LOG, "the log entry: a PEM block without base64", e);
        }
    }

    private void requireVerifier(byte[] encoded, boolean certificate) throws SignatureRejectedException {
        SignedContent.Verifier verifier = signed.verifier();
        if (certificate != verifier.certificate() || !Arrays.equals(encoded, verifier.encoded())) {
            throw refused("it has another certificate or key than the bundle");
        }
    }

    private static SignatureRejectedException refused(String problem) {
        return new SignatureRejectedException(SignatureCheck.LOG, "the log entry: " + problem);
    }
}
