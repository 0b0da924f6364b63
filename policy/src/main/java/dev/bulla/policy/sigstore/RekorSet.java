package dev.bulla.policy.sigstore;

import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonWriter;
import dev.bulla.policy.signature.Base64Text;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import dev.bulla.policy.signature.VerificationKey;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * The promise of a Rekor log (v1) that it has an entry: a <i>signed entry timestamp</i> over the canonical JSON (RFC 8785) of
 * the entry, which must be a {@code hashedrekord} 0.0.1 of the very signature, key and payload in hand.
 *
 * <p><b>Security.</b> The promise is verified before the entry's body is read, and the body is read from the value that was
 * verified. It proves what the log's key promised, not that the log keeps it: there is no inclusion proof in it.
 *
 * @param integratedTime when the log took the entry, by the log's word
 * @param logKey the id of the log's key
 */
public record RekorSet(Instant integratedTime, String logKey) {
    /** The most characters of a promise. */
    public static final int MAX_LENGTH = 256 * 1024;

    private static final long MAX_SAFE_INTEGER = (1L << 53) - 1;

    /** Within the years that an instant can be written with. */
    private static final long MAX_TIME = 253_402_300_799L;

    /**
     * Verifies a promise.
     *
     * @param logs the keys of the logs, one of which must have signed it
     * @param json the promise, {@code {"SignedEntryTimestamp": …, "Payload": {…}}}
     * @param keyOrCertificate what verifies the signature: one PEM block
     * @param signature the signature's bytes
     * @param payload what was signed
     * @throws SignatureRejectedException at {@link SignatureCheck#LOG}
     */
    public static RekorSet verify(
            List<VerificationKey> logs, byte[] json, byte[] keyOrCertificate, byte[] signature, byte[] payload)
            throws SignatureRejectedException {
        if (json.length > MAX_LENGTH) {
            throw refused("the log's promise has " + json.length + " bytes, limit " + MAX_LENGTH);
        }
        try {
            JsonCursor.Members set = JsonCursor.parse(json).object();
            set.allowOnly("SignedEntryTimestamp", "Payload");
            JsonCursor entry = set.required("Payload");
            JsonCursor.Members members = entry.object();
            members.allowOnly("body", "integratedTime", "logIndex", "logID");
            long integratedTime = members.required("integratedTime").integer(0, MAX_TIME);
            members.required("logIndex").integer(0, MAX_SAFE_INTEGER);
            members.required("logID").string();
            byte[] body = base64(members.required("body"));
            VerificationKey log =
                    signedBy(logs, JsonWriter.canonical(entry.value()), base64(set.required("SignedEntryTimestamp")));
            requireEntry(JsonCursor.parse(body).object(), keyOrCertificate, signature, payload);
            return new RekorSet(Instant.ofEpochSecond(integratedTime), log.id());
        } catch (JsonException e) {
            throw new SignatureRejectedException(SignatureCheck.LOG, "the log's promise: " + e.getMessage(), e);
        }
    }

    private static VerificationKey signedBy(List<VerificationKey> logs, byte[] canonical, byte[] timestamp)
            throws SignatureRejectedException {
        for (VerificationKey log : logs) {
            try {
                log.verify(canonical, timestamp);
                return log;
            } catch (SignatureRejectedException e) {
                // another log's; the last word is below
            }
        }
        throw refused("the log's promise is signed by none of the " + logs.size() + " keys of logs");
    }

    private static void requireEntry(
            JsonCursor.Members entry, byte[] keyOrCertificate, byte[] signature, byte[] payload)
            throws JsonException, SignatureRejectedException {
        requireText(entry.required("kind"), "hashedrekord");
        requireText(entry.required("apiVersion"), "0.0.1");
        JsonCursor.Members spec = entry.required("spec").object();
        JsonCursor.Members signed = spec.required("signature").object();
        JsonCursor.Members hash =
                spec.required("data").object().required("hash").object();
        byte[] logged = onePemBlock(
                base64(signed.required("publicKey").object().required("content")), "the key of the log's entry");
        if (!Arrays.equals(logged, onePemBlock(keyOrCertificate, "the signature's key or certificate"))) {
            throw refused("the log's entry is of another key or certificate");
        }
        if (!Arrays.equals(base64(signed.required("content")), signature)) {
            throw refused("the log's entry is of another signature");
        }
        requireText(hash.required("algorithm"), "sha256");
        if (!Arrays.equals(hex(hash.required("value")), sha256(payload))) {
            throw refused("the log's entry is of another payload");
        }
    }

    private static void requireText(JsonCursor value, String expected) throws JsonException {
        if (!value.string().equals(expected)) {
            throw value.refuse("got " + Quoted.text(value.string()) + ", expected \"" + expected + "\"");
        }
    }

    private static byte[] base64(JsonCursor value) throws JsonException {
        try {
            return Base64Text.decode(value.string());
        } catch (IllegalArgumentException e) {
            throw value.refuse("not base64");
        }
    }

    private static byte[] hex(JsonCursor value) throws JsonException {
        try {
            return HexFormat.of().parseHex(value.string());
        } catch (IllegalArgumentException e) {
            throw value.refuse("not hexadecimal");
        }
    }

    private static byte[] onePemBlock(byte[] pem, String what) throws SignatureRejectedException {
        try {
            return PemBlock.only(pem).der();
        } catch (IllegalArgumentException e) {
            throw new SignatureRejectedException(SignatureCheck.LOG, what + ": " + e.getMessage(), e);
        }
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static SignatureRejectedException refused(String problem) {
        return new SignatureRejectedException(SignatureCheck.LOG, problem);
    }
}
