package dev.bulla.ocicrypt;

import dev.bulla.oci.Digest;
import dev.bulla.oci.OciException;
import dev.bulla.oci.SymmetricKey;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A layer's private options, which the wraps protect: key, nonce, and the digest of what was encrypted.
 *
 * <p>JSON: {@code {"symkey":base64,"digest":"sha256:…","cipheroptions":{"nonce":base64}}}. The digest is advisory (skopeo
 * writes that of the blob it read, before it compressed it).
 *
 * <p><b>Security.</b> Reads and writes bytes, so that the key never becomes a {@code String}. Stricter than JSON: no
 * escapes, since neither library writes any here, and no other member than these.
 */
final class PrivateOptions implements AutoCloseable {
    static final int NONCE_LENGTH = 16;

    /** The most bytes of the JSON. */
    static final int MAX_SIZE = 4096;

    private final SymmetricKey key;
    private final byte[] nonce;
    private final Optional<Digest> digest;

    PrivateOptions(SymmetricKey key, byte[] nonce, Optional<Digest> digest) {
        if (nonce.length != NONCE_LENGTH) {
            throw new IllegalArgumentException("a nonce of " + nonce.length + " bytes, expected " + NONCE_LENGTH);
        }
        this.key = key;
        this.nonce = nonce.clone();
        this.digest = digest;
    }

    SymmetricKey key() {
        return key;
    }

    byte[] nonce() {
        return nonce.clone();
    }

    Optional<Digest> digest() {
        return digest;
    }

    @Override
    public void close() {
        key.close();
        Arrays.fill(nonce, (byte) 0);
    }

    @Override
    public String toString() {
        return "PrivateOptions[redacted]";
    }

    /** The JSON as the Go library writes it; the caller wipes it. */
    byte[] toJson() {
        byte[] rawKey = key.getEncoded();
        byte[] keyText = Base64.getEncoder().encode(rawKey);
        byte[] nonceText = Base64.getEncoder().encode(nonce);
        byte[] digestText = digest.map(Digest::toString).orElse("").getBytes(StandardCharsets.US_ASCII);
        byte[][] parts = {
            ascii("{\"symkey\":\""),
            keyText,
            ascii("\",\"digest\":\""),
            digestText,
            ascii("\",\"cipheroptions\":{\"nonce\":\""),
            nonceText,
            ascii("\"}}")
        };
        byte[] json =
                new byte[Arrays.stream(parts).mapToInt(part -> part.length).sum()];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, json, at, part.length);
            at += part.length;
        }
        Arrays.fill(rawKey, (byte) 0);
        Arrays.fill(keyText, (byte) 0);
        return json;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    static PrivateOptions parse(byte[] json) throws MalformedEncryptionException {
        if (json.length > MAX_SIZE) {
            throw refused("got " + json.length + " bytes, expected at most " + MAX_SIZE);
        }
        return new Reader(json).read();
    }

    private static MalformedEncryptionException refused(String problem) {
        return new MalformedEncryptionException("private options: " + problem);
    }

    /** The grammar that the two libraries write, over bytes. */
    private static final class Reader {
        private final byte[] json;
        private int at;
        private byte @Nullable [] symkey;
        private byte @Nullable [] nonce;
        private @Nullable String digest;

        Reader(byte[] json) {
            this.json = json;
        }

        PrivateOptions read() throws MalformedEncryptionException {
            boolean taken = false;
            try {
                object(name -> {
                    switch (name) {
                        case "symkey" -> symkey = base64();
                        case "digest" -> digest = text();
                        case "cipheroptions" ->
                            object(option -> {
                                byte[] value = base64();
                                if (option.equals("nonce")) {
                                    nonce = value;
                                }
                            });
                        default -> throw refused("unknown member");
                    }
                });
                space();
                if (at != json.length) {
                    throw refused("data after the JSON value");
                }
                byte[] key = symkey;
                byte[] iv = nonce;
                String source = digest;
                if (key == null || iv == null || source == null) {
                    throw refused("\"symkey\", \"digest\" or \"cipheroptions.nonce\" is missing");
                }
                if (key.length != SymmetricKey.LENGTH) {
                    throw refused("symkey: got " + key.length + " bytes, expected " + SymmetricKey.LENGTH);
                }
                if (iv.length != NONCE_LENGTH) {
                    throw refused("nonce: got " + iv.length + " bytes, expected " + NONCE_LENGTH);
                }
                PrivateOptions options = new PrivateOptions(new SymmetricKey(key), iv, advisory(source));
                taken = true;
                return options;
            } finally {
                byte[] key = symkey;
                if (!taken && key != null) {
                    Arrays.fill(key, (byte) 0);
                }
            }
        }

        private static Optional<Digest> advisory(String text) throws MalformedEncryptionException {
            try {
                return text.isEmpty() ? Optional.empty() : Optional.of(Digest.parse(text));
            } catch (OciException e) {
                throw new MalformedEncryptionException("private options: " + e.getMessage(), e);
            }
        }

        private interface Member {
            void read(String name) throws MalformedEncryptionException;
        }

        private void object(Member member) throws MalformedEncryptionException {
            expect('{');
            Set<String> names = new HashSet<>();
            if (next() == '}') {
                at++;
                return;
            }
            while (true) {
                String name = text();
                if (!names.add(name)) {
                    throw refused("a member stands twice");
                }
                expect(':');
                member.read(name);
                if (next() == '}') {
                    at++;
                    return;
                }
                expect(',');
            }
        }

        /** A string that is no secret. */
        private String text() throws MalformedEncryptionException {
            return new String(quoted(), StandardCharsets.US_ASCII);
        }

        private byte[] base64() throws MalformedEncryptionException {
            byte[] text = quoted();
            try {
                return StrictBase64.decode(text);
            } catch (IllegalArgumentException e) {
                throw refused("a value is not base64"); // without the cause, which may quote the text
            } finally {
                Arrays.fill(text, (byte) 0);
            }
        }

        private byte[] quoted() throws MalformedEncryptionException {
            expect('"');
            int start = at;
            while (at < json.length && json[at] != '"') {
                if (json[at] < 0x20 || json[at] > 0x7e || json[at] == '\\') {
                    throw refused("a string has a control character, an escape or a byte beyond ASCII at byte " + at);
                }
                at++;
            }
            if (at == json.length) {
                throw refused("the text ends within a string");
            }
            return Arrays.copyOfRange(json, start, at++);
        }

        private void expect(char expected) throws MalformedEncryptionException {
            if (next() != expected) {
                throw refused("not the expected JSON at byte " + at);
            }
            at++;
        }

        private int next() {
            space();
            return at < json.length ? json[at] : -1;
        }

        private void space() {
            while (at < json.length && (json[at] == ' ' || json[at] == '\n' || json[at] == '\r' || json[at] == '\t')) {
                at++;
            }
        }
    }
}
