package dev.bulla.ocicrypt;

import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWECryptoParts;
import com.nimbusds.jose.JWEEncrypter;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.crypto.ECDHEncrypter;
import com.nimbusds.jose.crypto.RSAEncrypter;
import dev.bulla.oci.SymmetricKey;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import dev.bulla.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import javax.crypto.spec.SecretKeySpec;

/**
 * Wraps by JWE to public keys as the Go library does: content by A256GCM; one recipient in flattened serialization with
 * all parameters protected, several in general serialization with {@code alg} and {@code epk} in their own headers.
 */
public final class JweKeyWrap implements KeyWrap {
    private final List<EncryptionKey> recipients;
    private final SecureRandom random;

    /**
     * A wrap to these keys.
     *
     * @param recipients 1 to {@link JweMessage#MAX_RECIPIENTS} public keys, each of which can open the layer
     */
    public JweKeyWrap(List<EncryptionKey> recipients, SecureRandom random) {
        if (recipients.isEmpty() || recipients.size() > JweMessage.MAX_RECIPIENTS) {
            throw new IllegalArgumentException(recipients.size() + " recipients");
        }
        this.recipients = List.copyOf(recipients);
        this.random = random;
    }

    @Override
    public String scheme() {
        return JweKeyOpener.SCHEME;
    }

    @Override
    public byte[] wrap(byte[] privateOptions) {
        byte[] contentKey = new byte[SymmetricKey.LENGTH];
        random.nextBytes(contentKey);
        try {
            JsonObject message = recipients.size() == 1
                    ? flattened(privateOptions, contentKey)
                    : general(privateOptions, contentKey);
            return JsonWriter.compact(message).getBytes(StandardCharsets.UTF_8);
        } catch (JOSEException | JsonException e) {
            throw new IllegalStateException(e); // keys and algorithms were checked when the keys were read
        } finally {
            Arrays.fill(contentKey, (byte) 0);
        }
    }

    private JsonObject flattened(byte[] privateOptions, byte[] contentKey) throws JOSEException {
        EncryptionKey recipient = recipients.getFirst();
        JWEHeader header = header(recipient);
        byte[] additional = header.toBase64URL().toString().getBytes(StandardCharsets.US_ASCII);
        JWECryptoParts parts = encrypter(recipient, contentKey).encrypt(header, privateOptions, additional);
        return JsonObject.builder()
                .put("protected", parts.getHeader().toBase64URL().toString())
                .put("encrypted_key", parts.getEncryptedKey().toString())
                .put("iv", parts.getInitializationVector().toString())
                .put("ciphertext", parts.getCipherText().toString())
                .put("tag", parts.getAuthenticationTag().toString())
                .build();
    }

    private JsonObject general(byte[] privateOptions, byte[] contentKey) throws JOSEException, JsonException {
        String shared = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString("{\"enc\":\"A256GCM\"}".getBytes(StandardCharsets.US_ASCII));
        byte[] additional = shared.getBytes(StandardCharsets.US_ASCII);
        List<JsonValue> items = new ArrayList<>();
        JsonObject.Builder message = JsonObject.builder().put("protected", shared);
        for (EncryptionKey recipient : recipients) {
            // The library encrypts key and content together, so only the first recipient's content is kept; each has
            // its
            // own random initialization vector, and the others are never written down.
            JWECryptoParts parts =
                    encrypter(recipient, contentKey).encrypt(header(recipient), privateOptions, additional);
            if (items.isEmpty()) {
                message.put("iv", parts.getInitializationVector().toString())
                        .put("ciphertext", parts.getCipherText().toString())
                        .put("tag", parts.getAuthenticationTag().toString());
            }
            items.add(JsonObject.builder()
                    .put("header", ownHeader(parts.getHeader()))
                    .put("encrypted_key", parts.getEncryptedKey().toString())
                    .build());
        }
        return message.put("recipients", new JsonArray(items)).build();
    }

    private static JsonObject ownHeader(JWEHeader header) throws JsonException {
        JsonObject.Builder own = JsonObject.builder();
        JsonCursor.parse(header.toString()).object().all().forEach((name, value) -> {
            if (!name.equals("enc")) {
                own.put(name, value.value());
            }
        });
        return own.build();
    }

    private static JWEHeader header(EncryptionKey recipient) {
        JWEHeader.Builder header = new JWEHeader.Builder(recipient.algorithm(), EncryptionMethod.A256GCM);
        recipient.keyId().ifPresent(header::keyID);
        return header.build();
    }

    private JWEEncrypter encrypter(EncryptionKey recipient, byte[] contentKey) throws JOSEException {
        SecretKeySpec key = new SecretKeySpec(contentKey, "AES");
        return switch (recipient.key()) {
            case RSAPublicKey rsa -> {
                RSAEncrypter encrypter = new RSAEncrypter(rsa, key);
                encrypter.getJCAContext().setSecureRandom(random);
                yield encrypter;
            }
            case ECPublicKey ec -> {
                ECDHEncrypter encrypter = new ECDHEncrypter(ec, key);
                encrypter.getJCAContext().setSecureRandom(random);
                yield encrypter;
            }
            default -> throw new IllegalStateException("a key that is neither RSA nor EC");
        };
    }
}
