package dev.bulla.policy.signature;

import dev.bulla.oci.Digest;
import dev.bulla.policy.StoredSignature;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;

/** A key pair made in a test, and the signatures that cosign would make with it. */
public record SigningKey(KeyPair pair, String algorithm) {

    public static SigningKey ec(String curve) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec(curve));
        return new SigningKey(generator.generateKeyPair(), "SHA256withECDSA");
    }

    public static SigningKey rsa(int bits) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(bits);
        return new SigningKey(generator.generateKeyPair(), "SHA256withRSA");
    }

    public static SigningKey ed25519() throws GeneralSecurityException {
        return new SigningKey(KeyPairGenerator.getInstance("Ed25519").generateKeyPair(), "Ed25519");
    }

    public byte[] pem() {
        return pem("PUBLIC KEY", pair.getPublic().getEncoded());
    }

    public static byte[] pem(String label, byte[] der) {
        String body = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(der);
        return ("-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    public String keyData() {
        return Base64.getEncoder().encodeToString(pem());
    }

    public byte[] sign(byte[] bytes) throws GeneralSecurityException {
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign(pair.getPrivate());
        signature.update(bytes);
        return signature.sign();
    }

    /** A signature over the statement that {@code digest} is called {@code reference}. */
    public StoredSignature attachment(Digest digest, String reference) throws GeneralSecurityException {
        return attachment(payload(digest, reference));
    }

    public StoredSignature attachment(byte[] payload) throws GeneralSecurityException {
        return StoredSignature.attachment(
                StoredSignature.SIMPLE_SIGNING,
                payload,
                Map.of(StoredSignature.SIGNATURE_ANNOTATION, Base64.getEncoder().encodeToString(sign(payload))));
    }

    public static byte[] payload(Digest digest, String reference) {
        return String.format(
                        Locale.ROOT,
                        "{\"critical\":{\"identity\":{\"docker-reference\":\"%s\"},"
                                + "\"image\":{\"docker-manifest-digest\":\"%s\"},"
                                + "\"type\":\"cosign container image signature\"},\"optional\":null}",
                        reference,
                        digest)
                .getBytes(StandardCharsets.UTF_8);
    }
}
