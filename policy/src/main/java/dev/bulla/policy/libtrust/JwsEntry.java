package dev.bulla.policy.libtrust;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.policy.signature.Certificates;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * One entry of {@code signatures}. Of its members only {@code protected} is signed, so whatever libtrust does not write there
 * is refused: {@code crit}, {@code jku}, {@code x5u}, {@code b64} among them.
 */
final class JwsEntry {
    private final LibtrustKey key;
    private final List<X509Certificate> chain;
    private final String alg;
    private final byte[] signature;
    private final Format format;

    /** What the protected header says: where in the text the payload ends, and what follows it there. */
    private static final class Format {
        private final String text;
        private final int length;
        private final byte[] tail;

        private Format(String text, int length, byte[] tail) {
            this.text = requireNonNull(text, "text is null");
            this.length = length;
            this.tail = requireNonNull(tail, "tail is null");
        }
    }

    private JwsEntry(LibtrustKey key, List<X509Certificate> chain, String alg, byte[] signature, Format format) {
        this.key = requireNonNull(key, "key is null");
        this.chain = List.copyOf(chain);
        this.alg = requireNonNull(alg, "alg is null");
        this.signature = requireNonNull(signature, "signature is null");
        this.format = requireNonNull(format, "format is null");
    }

    /** Reads an entry of a text of that many bytes. */
    static JwsEntry read(JsonCursor value, int contentLength) throws JsonException, SignatureRejectedException {
        JsonCursor.Members members = value.object();
        members.allowOnly("header", "signature", "protected");
        JsonCursor.Members header = members.required("header").object();
        header.allowOnly("jwk", "alg", "x5c");
        Format format = format(members.required("protected"), contentLength);
        List<X509Certificate> chain = chain(header);
        return new JwsEntry(
                key(header, chain),
                chain,
                header.required("alg").string(),
                Base64Url.decode(members.required("signature")),
                format);
    }

    private static Format format(JsonCursor value, int contentLength) throws JsonException {
        byte[] json = Base64Url.decode(value);
        try {
            JsonCursor.Members members = JsonCursor.parse(json).object();
            members.allowOnly("formatLength", "formatTail", "time");
            Optional<JsonCursor> time = members.optional("time");
            if (time.isPresent()) {
                time.get().string();
            }
            // 0 counts as unset in libtrust, which then compares nothing.
            long length = members.required("formatLength").integer(1, contentLength);
            return new Format(value.string(), (int) length, Base64Url.decode(members.required("formatTail")));
        } catch (JsonException e) {
            throw value.refuse("what it holds: " + e.getMessage());
        }
    }

    private static List<X509Certificate> chain(JsonCursor.Members header)
            throws JsonException, SignatureRejectedException {
        Optional<JsonCursor> x5c = header.optional("x5c");
        if (x5c.isEmpty()) {
            return List.of();
        }
        List<JsonCursor> items = x5c.get().array();
        if (items.isEmpty() || items.size() > VerifiedPayload.MAX_CHAIN) {
            throw x5c.get().refuse("got " + items.size() + " certificates, expected 1 to " + VerifiedPayload.MAX_CHAIN);
        }
        List<X509Certificate> chain = new ArrayList<>();
        for (JsonCursor item : items) {
            try {
                chain.add(Certificates.der(Base64.getDecoder().decode(item.string())));
            } catch (IllegalArgumentException e) {
                throw item.refuse("not base64: " + e.getMessage());
            } catch (CertificateException e) {
                throw new SignatureRejectedException(
                        SignatureCheck.FORMAT,
                        item.refuse("no certificate: " + e.getMessage()).getMessage(),
                        e);
            }
        }
        return chain;
    }

    /** The first certificate's key, else the bare one; where both are given they must be one. */
    private static LibtrustKey key(JsonCursor.Members header, List<X509Certificate> chain)
            throws JsonException, SignatureRejectedException {
        Optional<JsonCursor> jwk = header.optional("jwk");
        if (chain.isEmpty()) {
            if (jwk.isEmpty()) {
                throw new JsonException(header.path(), "neither \"jwk\" nor \"x5c\"");
            }
            return LibtrustKey.jwk(jwk.get());
        }
        LibtrustKey certified = LibtrustKey.of(chain.getFirst().getPublicKey(), header.path() + ".x5c[0]");
        if (jwk.isPresent() && !LibtrustKey.jwk(jwk.get()).id().equals(certified.id())) {
            throw jwk.get().refuse("not the key of the first certificate, " + certified.id());
        }
        return certified;
    }

    int formatLength() {
        return format.length;
    }

    byte[] formatTail() {
        return format.tail;
    }

    boolean agreesWith(JwsEntry other) {
        return format.length == other.format.length && Arrays.equals(format.tail, other.format.tail);
    }

    /** Who signed, when the signature over the payload is that key's. */
    LibtrustSigner verify(String encodedPayload) throws SignatureRejectedException {
        key.verify((format.text + "." + encodedPayload).getBytes(StandardCharsets.US_ASCII), alg, signature);
        return new LibtrustSigner(key.id(), key.spkiId(), chain);
    }
}
