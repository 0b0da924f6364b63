package dev.bulla.attestation.protocol;

import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.spec.MGF1ParameterSpec;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import javax.crypto.spec.SecretKeySpec;

/**
 * How a KBS encrypts a resource to a guest's key: a flattened JWE (RFC 7516 §7.2.2) with A256GCM and the key's own key
 * management algorithm.
 *
 * <p>Members are {@code protected}, {@code encrypted_key}, {@code iv}, {@code ciphertext} and {@code tag}. The protected
 * header that we write is compact, its members in the order {@code alg}, {@code enc}, then {@code epk} (EC) or {@code ek}
 * (ML-KEM), with {@code epk}'s in the order {@code crv}, {@code kty}, {@code x}, {@code y}: the protocol's Rust client
 * authenticates a header that it has parsed and written again in that order, not the text that it received.
 *
 * <p><b>Security.</b> Opening takes the received header text as additional data, and refuses every algorithm but the key's
 * own, every header member it does not know ({@code crit}, {@code zip}, {@code apu}, {@code apv}), an {@code aad} member, an
 * ephemeral key that is not on the key's curve, and lengths other than A256GCM's.
 */
public final class KbsJwe {
    private static final String CONTENT_ENCRYPTION = "A256GCM";
    private static final int KEY_LENGTH = 32;
    private static final int WRAPPED_KEY_LENGTH = KEY_LENGTH + 8;
    private static final int IV_LENGTH = 12;
    private static final int TAG_LENGTH = 16;

    /** By how much a JWE's text may exceed four thirds of its plaintext. */
    private static final int OVERHEAD = 8 * 1024;

    private KbsJwe() {}

    /** The longest text that a JWE of so many bytes may be. */
    public static int maxLength(int plaintextLength) {
        return Math.toIntExact(Math.min(Integer.MAX_VALUE - 8L, (plaintextLength + 2L) / 3 * 4 + OVERHEAD));
    }

    /**
     * Encrypts to a key.
     *
     * @return the JWE's JSON text
     */
    public static byte[] seal(byte[] plaintext, TeePublicKey recipient, SecureRandom random) {
        byte[] key = new byte[KEY_LENGTH];
        byte[] iv = new byte[IV_LENGTH];
        random.nextBytes(key);
        random.nextBytes(iv);
        JsonObject.Builder header =
                JsonObject.builder().put("alg", recipient.algorithm()).put("enc", CONTENT_ENCRYPTION);
        try {
            byte[] encryptedKey = switch (recipient) {
                case TeePublicKey.Ec ec -> {
                    try (TeeKeyPair ephemeral = TeeKeyPair.generateEc(ec.curve(), random)) {
                        header.put("epk", ((TeePublicKey.Ec) ephemeral.publicKey()).toBareJwk());
                        yield wrap(key, agree(ephemeral, ec));
                    }
                }
                case TeePublicKey.Akp akp -> {
                    MlKemKeyWrap.Wrapped wrapped = MlKemKeyWrap.wrap(key, akp, random);
                    header.put("ek", Base64Url.encode(wrapped.encapsulation()));
                    yield wrapped.encryptedKey();
                }
                case TeePublicKey.Rsa rsa -> {
                    Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding");
                    cipher.init(Cipher.ENCRYPT_MODE, rsa.toKey(), oaep(), random);
                    yield cipher.doFinal(key);
                }
            };
            String protectedHeader =
                    Base64Url.encode(JsonWriter.compact(header.build()).getBytes(StandardCharsets.UTF_8));
            Cipher cipher = contentCipher(Cipher.ENCRYPT_MODE, key, iv, protectedHeader);
            byte[] sealed = cipher.doFinal(plaintext);
            int length = sealed.length - TAG_LENGTH;
            return WireText.write(JsonObject.builder()
                    .put("protected", protectedHeader)
                    .put("encrypted_key", Base64Url.encode(encryptedKey))
                    .put("iv", Base64Url.encode(iv))
                    .put("ciphertext", Base64Url.encode(Arrays.copyOf(sealed, length)))
                    .put("tag", Base64Url.encode(Arrays.copyOfRange(sealed, length, sealed.length)))
                    .build());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // the recipient's key is checked, the algorithms are every JDK's
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    /**
     * Opens what was encrypted to a key.
     *
     * @param utf8 the JWE's JSON text; the caller has bounded its length
     * @param recipient the key
     * @return the plaintext, a fresh array that the caller owns and may wipe
     * @throws JweException when it is malformed, for another key or algorithm, or altered
     */
    public static byte[] open(byte[] utf8, TeeKeyPair recipient) throws JweException {
        try {
            JsonCursor.Members members = JsonCursor.parse(utf8).object();
            members.allowOnly("protected", "encrypted_key", "iv", "ciphertext", "tag");
            String protectedHeader = members.required("protected").string();
            byte[] encryptedKey = Base64Url.decode(members.required("encrypted_key"));
            byte[] iv = requireLength(members.required("iv"), IV_LENGTH);
            byte[] tag = requireLength(members.required("tag"), TAG_LENGTH);
            byte[] ciphertext = Base64Url.decode(members.required("ciphertext"));
            byte[] key = unwrap(protectedHeader, encryptedKey, recipient);
            try {
                Cipher cipher = contentCipher(Cipher.DECRYPT_MODE, key, iv, protectedHeader);
                byte[] sealed = Arrays.copyOf(ciphertext, Math.addExact(ciphertext.length, tag.length));
                System.arraycopy(tag, 0, sealed, ciphertext.length, tag.length);
                return cipher.doFinal(sealed);
            } finally {
                Arrays.fill(key, (byte) 0);
            }
        } catch (JsonException e) {
            throw new JweException("encrypted resource: " + e.getMessage(), e);
        } catch (GeneralSecurityException e) {
            throw new JweException("encrypted resource: it does not authenticate under our key", e);
        } catch (JweException e) {
            throw e;
        } catch (KbsProtocolException e) {
            throw new JweException("encrypted resource: " + e.getMessage(), e);
        }
    }

    private static byte[] unwrap(String protectedHeader, byte[] encryptedKey, TeeKeyPair recipient)
            throws JsonException, KbsProtocolException, GeneralSecurityException {
        JsonCursor.Members header = JsonCursor.parse(Base64Url.decode(protectedHeader, "$.protected"))
                .object();
        requireValue(header.required("alg"), recipient.publicKey().algorithm());
        requireValue(header.required("enc"), CONTENT_ENCRYPTION);
        byte[] key = switch (recipient.publicKey()) {
            case TeePublicKey.Ec own -> {
                header.allowOnly("alg", "enc", "epk");
                TeePublicKey.Ec ephemeral = readEphemeral(header.required("epk"));
                if (ephemeral.curve() != own.curve()) {
                    throw new JweException("encrypted resource: the ephemeral key is on "
                            + ephemeral.curve().wireName() + ", ours on "
                            + own.curve().wireName());
                }
                requireWrapped(encryptedKey);
                byte[] keyEncryptionKey = agree(recipient, ephemeral);
                try {
                    Cipher cipher = Cipher.getInstance("AES/KW/NoPadding");
                    cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(keyEncryptionKey, "AES"));
                    yield cipher.doFinal(encryptedKey);
                } finally {
                    Arrays.fill(keyEncryptionKey, (byte) 0);
                }
            }
            case TeePublicKey.Akp own -> {
                header.allowOnly("alg", "enc", "ek");
                byte[] encapsulation = requireLength(header.required("ek"), MlKemKeyWrap.ENCAPSULATION_LENGTH);
                requireWrapped(encryptedKey);
                yield MlKemKeyWrap.unwrap(encapsulation, encryptedKey, recipient);
            }
            case TeePublicKey.Rsa own -> {
                header.allowOnly("alg", "enc");
                Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPPadding");
                cipher.init(Cipher.DECRYPT_MODE, recipient.privateKey(), oaep());
                yield cipher.doFinal(encryptedKey);
            }
        };
        if (key.length != KEY_LENGTH) {
            throw new GeneralSecurityException("content key of another length");
        }
        return key;
    }

    private static void requireWrapped(byte[] encryptedKey) throws JweException {
        if (encryptedKey.length != WRAPPED_KEY_LENGTH) {
            throw new JweException("encrypted resource: a wrapped key of " + encryptedKey.length + " bytes, expected "
                    + WRAPPED_KEY_LENGTH);
        }
    }

    private static TeePublicKey.Ec readEphemeral(JsonCursor epk) throws JsonException, KbsProtocolException {
        JsonCursor.Members members = epk.object();
        members.allowOnly("crv", "kty", "x", "y");
        requireValue(members.required("kty"), "EC");
        return TeePublicKey.readEc(members);
    }

    private static void requireValue(JsonCursor cursor, String expected) throws JsonException {
        if (!cursor.string().equals(expected)) {
            throw cursor.refuse("got " + Quoted.text(cursor.string()) + ", expected \"" + expected + "\"");
        }
    }

    private static byte[] requireLength(JsonCursor cursor, int length) throws JsonException, KbsProtocolException {
        byte[] bytes = Base64Url.decode(cursor);
        if (bytes.length != length) {
            throw cursor.refuse(bytes.length + " bytes, expected " + length);
        }
        return bytes;
    }

    /** The key encryption key of both sides' agreement. */
    private static byte[] agree(TeeKeyPair own, TeePublicKey.Ec other) throws GeneralSecurityException {
        KeyAgreement agreement = KeyAgreement.getInstance("ECDH");
        agreement.init(own.privateKey());
        agreement.doPhase(other.toKey(), true);
        byte[] secret = agreement.generateSecret();
        // Z keeps its leading zeros, 66 bytes on P-521; a provider that strips them would derive another key.
        byte[] padded = new byte[other.curve().coordinateLength()];
        System.arraycopy(secret, 0, padded, padded.length - secret.length, secret.length);
        Arrays.fill(secret, (byte) 0);
        try {
            return ConcatKdf.derive(padded, TeePublicKey.Ec.ALGORITHM, new byte[0], new byte[0], KEY_LENGTH * 8);
        } finally {
            Arrays.fill(padded, (byte) 0);
        }
    }

    private static byte[] wrap(byte[] key, byte[] keyEncryptionKey) throws GeneralSecurityException {
        try {
            Cipher cipher = Cipher.getInstance("AES/KW/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(keyEncryptionKey, "AES"));
            return cipher.doFinal(key);
        } finally {
            Arrays.fill(keyEncryptionKey, (byte) 0);
        }
    }

    private static Cipher contentCipher(int mode, byte[] key, byte[] iv, String protectedHeader)
            throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(TAG_LENGTH * 8, iv));
        cipher.updateAAD(protectedHeader.getBytes(StandardCharsets.US_ASCII));
        return cipher;
    }

    private static OAEPParameterSpec oaep() {
        // The JDK's "OAEPWithSHA-256AndMGF1Padding" would take SHA-1 for MGF1.
        return new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT);
    }
}
