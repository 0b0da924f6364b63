package dev.bulla.ocicrypt;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.text.ParseException;
import java.util.List;
import java.util.Optional;

/**
 * A public key to which layers are encrypted by JWE, and the algorithm: RSA-OAEP (with SHA-1, as ocicrypt does) or
 * ECDH-ES+A256KW, unless a JWK's {@code alg} chooses RSA-OAEP-256, ECDH-ES+A128KW or ECDH-ES+A192KW.
 */
public final class EncryptionKey {
    private final PublicKey key;
    private final JWEAlgorithm algorithm;
    private final Optional<String> keyId;

    private EncryptionKey(PublicKey key, JWEAlgorithm algorithm, Optional<String> keyId) {
        this.key = key;
        this.algorithm = algorithm;
        this.keyId = keyId;
    }

    /**
     * Reads a key file: PEM ({@code PUBLIC KEY}, {@code RSA PUBLIC KEY}), the DER of these, or a JWK.
     *
     * @throws KeyFormatException when it is none of these, or no key that we may use
     */
    public static EncryptionKey parse(byte[] file) throws KeyFormatException {
        KeyText.requireSize(file);
        if (KeyText.isJson(file)) {
            return fromJwk(file);
        }
        if (!KeyText.isPem(file)) {
            return of(fromDer(file));
        }
        List<KeyText.Block> blocks = KeyText.blocks(file);
        if (blocks.size() != 1) {
            throw new KeyFormatException("got " + blocks.size() + " PEM blocks, expected one public key");
        }
        return switch (blocks.getFirst().label()) {
            case "PUBLIC KEY", "RSA PUBLIC KEY" -> of(fromDer(blocks.getFirst().der()));
            default -> throw new KeyFormatException("the PEM file has no public key");
        };
    }

    private static EncryptionKey of(PublicKey key) throws KeyFormatException {
        return of(key, Optional.empty(), Optional.empty());
    }

    private static EncryptionKey of(PublicKey key, Optional<JWEAlgorithm> chosen, Optional<String> keyId)
            throws KeyFormatException {
        List<JWEAlgorithm> allowed = switch (key) {
            case RSAPublicKey rsa -> {
                DecryptionKey.requireRsaSize(rsa.getModulus().bitLength());
                yield JweAlgorithms.RSA;
            }
            case ECPublicKey ec -> {
                JweAlgorithms.requireCurve(ec.getParams());
                yield JweAlgorithms.EC;
            }
            default -> throw new KeyFormatException("neither an RSA nor an EC public key");
        };
        JWEAlgorithm algorithm = chosen.orElse(allowed.getFirst());
        if (!allowed.contains(algorithm)) {
            throw new KeyFormatException("the JWK's alg does not fit, expected one of " + allowed);
        }
        return new EncryptionKey(key, algorithm, keyId);
    }

    private static EncryptionKey fromJwk(byte[] file) throws KeyFormatException {
        try {
            JWK jwk = JWK.parse(new String(file, StandardCharsets.UTF_8));
            PublicKey key = switch (jwk) {
                case RSAKey rsa -> rsa.toRSAPublicKey();
                case ECKey ec -> ec.toECPublicKey();
                default -> throw new KeyFormatException("a JWK of another type than RSA and EC");
            };
            return of(
                    key,
                    Optional.ofNullable(jwk.getAlgorithm()).map(alg -> JWEAlgorithm.parse(alg.getName())),
                    Optional.ofNullable(jwk.getKeyID()));
        } catch (ParseException | JOSEException | IllegalArgumentException | IllegalStateException e) {
            throw new KeyFormatException("not a JWK"); // without the cause: the file may hold a private key
        }
    }

    private static PublicKey fromDer(byte[] der) throws KeyFormatException {
        byte[] info = Der.sequence(der).peek() == Der.INTEGER ? Der.publicKeyInfoOfRsa(der) : der;
        for (String algorithm : new String[] {"RSA", "EC"}) {
            try {
                return KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(info));
            } catch (GeneralSecurityException e) {
                // the next algorithm
            }
        }
        throw new KeyFormatException("neither an RSA nor an EC public key, or one on a curve that the JDK lacks");
    }

    PublicKey key() {
        return key;
    }

    JWEAlgorithm algorithm() {
        return algorithm;
    }

    Optional<String> keyId() {
        return keyId;
    }

    @Override
    public String toString() {
        return "EncryptionKey[" + algorithm + "]";
    }
}
