package dev.bulla.composefs.seal;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.signature.FsVeritySignature;
import dev.bulla.oci.Quoted;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a seal says of one object.
 *
 * @param role what the object is
 * @param layer which layer, 0 the lowest; 0 where it is no layer
 * @param digest the object's fs-verity digest
 * @param signature PKCS#7 over the formatted digest, in DER; not verified
 */
public record SealEntry(SealRole role, int layer, VerityDigest digest, Optional<Pkcs7> signature) {
    public SealEntry {
        requireNonNull(role, "role is null");
        requireNonNull(digest, "digest is null");
        requireNonNull(signature, "signature is null");
    }

    /**
     * A signature's bytes.
     *
     * @param der in DER, 1 to {@link FsVeritySignature#MAX_LENGTH}
     */
    @SuppressWarnings("ArrayRecordComponent") // copied on the way in and out
    public record Pkcs7(byte[] der) {
        public Pkcs7 {
            if (der.length == 0 || der.length > FsVeritySignature.MAX_LENGTH) {
                throw new IllegalArgumentException("signature of " + der.length + " bytes");
            }
            der = der.clone();
        }

        @Override
        public byte[] der() {
            return der.clone();
        }
    }

    /** What it is about, for messages. */
    public String words() {
        return role == SealRole.LAYER ? "layer " + layer : role.id();
    }

    /** The key under which the digest stands. */
    public SealKey key() {
        return new SealKey(role, digest.algorithm(), false);
    }

    /** Reads a digest as annotations and the old label have it. */
    static VerityDigest digest(SealKey key, String where, String value) throws SealException {
        try {
            return new VerityDigest(key.algorithm(), value);
        } catch (IllegalArgumentException e) {
            throw new SealException(
                    where + ", " + key + ": got " + Quoted.text(value) + ", expected "
                            + key.algorithm().length() * 2 + " lower-case hex digits",
                    e);
        }
    }

    /** The entry of a key among the annotations where it stands, with its signature if there is one. */
    static SealEntry read(SealKey key, int layer, String where, Map<String, String> annotations) throws SealException {
        String value = annotations.get(key.id());
        if (value == null) {
            throw new SealException(
                    where + ": a signature under " + key.ofSignature() + ", but no digest under " + key);
        }
        @Nullable String signature = annotations.get(key.ofSignature().id());
        return new SealEntry(
                key.role(),
                layer,
                digest(key, where, value),
                signature == null ? Optional.empty() : Optional.of(base64(key, where, signature)));
    }

    private static Pkcs7 base64(SealKey key, String where, String text) throws SealException {
        int most = FsVeritySignature.MAX_LENGTH / 3 * 4; // it is a multiple of 3
        if (text.isEmpty() || text.length() > most) {
            throw new SealException(
                    where + ", " + key.ofSignature() + ": got " + text.length() + " characters, expected 1 to " + most);
        }
        byte[] der;
        try {
            der = Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw new SealException(where + ", " + key.ofSignature() + ": not base64", e);
        }
        // One text for one signature: neither missing padding nor bits behind the end.
        if (!Base64.getEncoder().encodeToString(der).equals(text)) {
            throw new SealException(where + ", " + key.ofSignature() + ": not base64 with its padding");
        }
        return new Pkcs7(der);
    }
}
