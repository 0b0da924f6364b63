package dev.bulla.provision.secret;

import dev.bulla.attestation.client.secret.SealedSecret;
import dev.bulla.attestation.client.secret.SealedSecretException;
import dev.bulla.attestation.client.secret.SecretPayload;
import dev.bulla.attestation.client.secret.VerificationJwk;
import dev.bulla.attestation.protocol.Base64Url;
import dev.bulla.attestation.protocol.EcCurve;
import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.attestation.protocol.TeePublicKey;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonWriter;
import dev.bulla.provision.PrivateKeyFile;
import dev.bulla.provision.UnusableKeyException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.interfaces.ECPrivateKey;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPrivateKeySpec;
import java.util.Arrays;

/**
 * A key that signs sealed secrets: ECDSA on P-256 with SHA-256. Read from a JWK with its private part, or from PKCS#8 PEM.
 *
 * <p><b>Security.</b> Redacts itself; a refusal quotes nothing of the file.
 */
public final class SecretSigningKey {
    /** The longest file in bytes. */
    public static final int MAX_FILE = VerificationJwk.MAX_LENGTH;

    private final PrivateKey key;

    private SecretSigningKey(PrivateKey key) {
        this.key = key;
    }

    /**
     * Reads a key file.
     *
     * @param file its bytes; the caller wipes them
     * @param origin where they came from, for messages
     * @throws UnusableKeyException when it is no such key
     */
    public static SecretSigningKey parse(byte[] file, String origin) throws UnusableKeyException {
        int first = 0;
        while (first < file.length && Character.isWhitespace(file[first])) {
            first++;
        }
        boolean json = first < file.length && file[first] == '{';
        return json ? parseJwk(file, origin) : parsePem(file, origin);
    }

    private static SecretSigningKey parsePem(byte[] file, String origin) throws UnusableKeyException {
        PrivateKey key = PrivateKeyFile.parse(file, origin);
        if (key instanceof ECPrivateKey ec && isP256(ec.getParams())) {
            return new SecretSigningKey(key);
        }
        throw new UnusableKeyException("signing key " + origin + ": expected an EC key on P-256");
    }

    private static boolean isP256(ECParameterSpec parameters) {
        return parameters.getCurve().equals(p256().getCurve());
    }

    private static ECParameterSpec p256() {
        try {
            AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
            parameters.init(new ECGenParameterSpec("secp256r1"));
            return parameters.getParameterSpec(ECParameterSpec.class);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every JDK has the curve
        }
    }

    private static SecretSigningKey parseJwk(byte[] json, String origin) throws UnusableKeyException {
        byte[] secret = {};
        try {
            ECPublicKey publicKey = VerificationJwk.parse(json, origin);
            secret = Base64Url.decode(
                    JsonCursor.parse(json).object().required("d").string(), "d");
            if (secret.length != EcCurve.P256.coordinateLength()) {
                throw new UnusableKeyException(
                        "signing key " + origin + ": d: got " + secret.length + " bytes, expected 32");
            }
            SecretSigningKey key = new SecretSigningKey(KeyFactory.getInstance("EC")
                    .generatePrivate(new ECPrivateKeySpec(new BigInteger(1, secret), publicKey.getParams())));
            key.requireBelongsTo(publicKey, origin);
            return key;
        } catch (SealedSecretException | JsonException | KbsProtocolException e) {
            throw new UnusableKeyException("signing key: " + e.getMessage());
        } catch (GeneralSecurityException e) {
            // without the cause, which may quote the key
            throw new UnusableKeyException("signing key " + origin + ": no private key on P-256");
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }

    private void requireBelongsTo(ECPublicKey publicKey, String origin)
            throws GeneralSecurityException, UnusableKeyException {
        byte[] message = "x, y and d belong together".getBytes(StandardCharsets.UTF_8);
        Signature verifier = Signature.getInstance("SHA256withECDSAinP1363Format");
        verifier.initVerify(publicKey);
        verifier.update(message);
        if (!verifier.verify(sign(message))) {
            throw new UnusableKeyException("signing key " + origin + ": d is not the private part of x and y");
        }
    }

    private byte[] sign(byte[] message) throws GeneralSecurityException {
        Signature signer = Signature.getInstance("SHA256withECDSAinP1363Format");
        signer.initSign(key);
        signer.update(message);
        return signer.sign();
    }

    /**
     * Seals.
     *
     * @param payload what the guest will act on
     * @param kid by which name the guest finds the key that verifies
     */
    public String seal(SecretPayload payload, String kid) {
        SealedSecret.Unsigned unsigned = SealedSecret.of(payload, kid);
        try {
            return unsigned.signed(sign(unsigned.signingInput()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // the key was checked
        }
    }

    /**
     * A new key as two JWKs, as the Confidential Data Hub's tool writes them.
     *
     * @param privateJwk both parts, for whoever signs
     * @param publicJwk the public part, for the KBS or the guest
     */
    @SuppressWarnings("ArrayRecordComponent") // two files; never compared
    public record Generated(byte[] privateJwk, byte[] publicJwk) {
        /** Without the keys. */
        @Override
        public String toString() {
            return "Generated[redacted]";
        }
    }

    /** Makes a key. */
    public static Generated generate(String kid, SecureRandom random) {
        KeyPair pair = newPair(random);
        TeePublicKey.Ec point = TeePublicKey.Ec.of(EcCurve.P256, (ECPublicKey) pair.getPublic());
        byte[] secret = fixedLength(((ECPrivateKey) pair.getPrivate()).getS());
        try {
            return new Generated(
                    text(jwk(kid).put("d", Base64Url.encode(secret))
                            .put("x", point.x())
                            .put("y", point.y())),
                    text(jwk(kid).put("x", point.x()).put("y", point.y())));
        } finally {
            Arrays.fill(secret, (byte) 0);
        }
    }

    private static JsonObject.Builder jwk(String kid) {
        return JsonObject.builder()
                .put("alg", "ES256")
                .put("crv", "P-256")
                .put("kid", kid)
                .put("kty", "EC")
                .put("use", "sig");
    }

    private static byte[] text(JsonObject.Builder jwk) {
        return (JsonWriter.indented(jwk.build()) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] fixedLength(BigInteger value) {
        byte[] signed = value.toByteArray();
        byte[] fixed = new byte[EcCurve.P256.coordinateLength()];
        int length = Math.min(signed.length, fixed.length);
        System.arraycopy(signed, signed.length - length, fixed, fixed.length - length, length);
        Arrays.fill(signed, (byte) 0);
        return fixed;
    }

    private static KeyPair newPair(SecureRandom random) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every JDK has the curve
        }
    }

    @Override
    public String toString() {
        return "SecretSigningKey[redacted]";
    }
}
