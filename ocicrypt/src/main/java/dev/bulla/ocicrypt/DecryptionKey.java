package dev.bulla.ocicrypt;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.RSAPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.text.ParseException;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A private key that opens JWE wraps: RSA of {@value #MIN_RSA_BITS} to {@value #MAX_RSA_BITS} bits, or EC on P-256, P-384
 * or P-521.
 *
 * <p><b>Security.</b> Redacts itself. The texts it is read from are wiped, the JDK's key object is not (it cannot be).
 */
public final class DecryptionKey {
    /** The fewest bits of an RSA modulus. */
    public static final int MIN_RSA_BITS = 2048;

    /** The most bits of an RSA modulus. */
    public static final int MAX_RSA_BITS = 16384;

    private final PrivateKey key;

    private DecryptionKey(PrivateKey key) {
        this.key = key;
    }

    /**
     * Reads a key file: PEM ({@code PRIVATE KEY}, {@code RSA PRIVATE KEY}, {@code EC PRIVATE KEY}), the DER of these, or a
     * JWK. Encrypted keys are refused.
     *
     * @param file the file's bytes; the caller wipes them
     * @throws KeyFormatException when it is none of these, or no key that we may use
     */
    public static DecryptionKey parse(byte[] file) throws KeyFormatException {
        KeyText.requireSize(file);
        PrivateKey key;
        if (KeyText.isJson(file)) {
            key = fromJwk(file);
        } else if (KeyText.isPem(file)) {
            key = fromPem(file);
        } else {
            key = fromDer(file);
        }
        if (key instanceof RSAPrivateKey rsa) {
            requireRsaSize(rsa.getModulus().bitLength());
        } else if (key instanceof ECPrivateKey ec) {
            JweAlgorithms.requireCurve(ec.getParams());
        }
        return new DecryptionKey(key);
    }

    /** Refuses an RSA modulus of so many bits when it is too short or too long. */
    public static void requireRsaSize(int bits) throws KeyFormatException {
        if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) {
            throw new KeyFormatException(
                    "an RSA key of " + bits + " bits, expected " + MIN_RSA_BITS + " to " + MAX_RSA_BITS);
        }
    }

    private static PrivateKey fromJwk(byte[] file) throws KeyFormatException {
        try {
            JWK jwk = JWK.parse(new String(file, StandardCharsets.UTF_8));
            PrivateKey key = switch (jwk) {
                case RSAKey rsa -> rsa.toRSAPrivateKey();
                case ECKey ec -> ec.toECPrivateKey();
                default -> throw new KeyFormatException("a JWK of another type than RSA and EC");
            };
            if (key == null) {
                throw new KeyFormatException("a JWK without its private part");
            }
            return key;
        } catch (ParseException | JOSEException | IllegalArgumentException | IllegalStateException e) {
            throw new KeyFormatException("not a JWK"); // without the cause, which may quote the text
        }
    }

    private static PrivateKey fromPem(byte[] file) throws KeyFormatException {
        @Nullable PrivateKey found = null;
        for (KeyText.Block block : KeyText.blocks(file)) {
            try {
                switch (block.label()) {
                    case "PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY" -> {
                        if (found != null) {
                            throw new KeyFormatException("two private keys in one PEM file, expected one");
                        }
                        found = fromDer(block.der());
                    }
                    case "ENCRYPTED PRIVATE KEY" -> throw new KeyFormatException("the private key is encrypted");
                    default -> {
                        // EC PARAMETERS stand before the key that openssl writes, certificates behind it.
                    }
                }
            } finally {
                Arrays.fill(block.der(), (byte) 0);
            }
        }
        if (found == null) {
            throw new KeyFormatException("the PEM file has no private key");
        }
        return found;
    }

    private static PrivateKey fromDer(byte[] der) throws KeyFormatException {
        Der sequence = Der.sequence(der);
        if (sequence.peek() != Der.INTEGER) {
            throw new KeyFormatException("the DER is no private key");
        }
        sequence.next();
        return switch (sequence.peek()) {
            case Der.SEQUENCE -> fromPkcs8(der);
            case Der.INTEGER -> wiping(Der.pkcs8OfRsa(der));
            case Der.OCTET_STRING -> wiping(Der.pkcs8OfEc(der, curveOfSec1(sequence)));
            default -> throw new KeyFormatException("the DER is neither PKCS#8 nor PKCS#1 nor SEC1");
        };
    }

    private static byte[] curveOfSec1(Der sequence) throws KeyFormatException {
        sequence.next(); // the private scalar
        if (sequence.hasNext()) {
            Der.Element parameters = sequence.next();
            if (parameters.tag() == Der.CONTEXT_0) {
                byte[] content = sequence.content(parameters);
                if (content.length > 2 && content[0] == Der.OBJECT_IDENTIFIER && content[1] == content.length - 2) {
                    return Arrays.copyOfRange(content, 2, content.length);
                }
            }
        }
        throw new KeyFormatException("a SEC1 key that does not name its curve");
    }

    private static PrivateKey wiping(byte[] pkcs8) throws KeyFormatException {
        try {
            return fromPkcs8(pkcs8);
        } finally {
            Arrays.fill(pkcs8, (byte) 0);
        }
    }

    private static PrivateKey fromPkcs8(byte[] pkcs8) throws KeyFormatException {
        for (String algorithm : new String[] {"RSA", "EC"}) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            } catch (GeneralSecurityException e) {
                // the next algorithm; the exception may quote the key, so it is not kept
            }
        }
        throw new KeyFormatException("neither an RSA nor an EC private key, or one on a curve that the JDK lacks");
    }

    PrivateKey key() {
        return key;
    }

    /** The key, where it is an RSA one. */
    public Optional<RSAPrivateKey> rsa() {
        return key instanceof RSAPrivateKey rsa ? Optional.of(rsa) : Optional.empty();
    }

    @Override
    public String toString() {
        return "DecryptionKey[" + key.getAlgorithm() + ", redacted]";
    }
}
