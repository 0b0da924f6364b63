package dev.bulla.policy.notation;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Quoted;
import dev.bulla.policy.signature.CertificatePath;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;

/**
 * The six signature algorithms, each bound to one kind of key. Spec: signature-specification.md, Algorithm Selection.
 *
 * <p><b>Security.</b> The key chooses; what an envelope says about its algorithm only has to agree.
 */
enum SigningAlgorithm {
    PS256("PS256", -37, "RSA", 2048, "SHA-256"),
    PS384("PS384", -38, "RSA", 3072, "SHA-384"),
    PS512("PS512", -39, "RSA", 4096, "SHA-512"),
    ES256("ES256", -7, "secp256r1", 256, "SHA-256"),
    ES384("ES384", -35, "secp384r1", 384, "SHA-384"),
    ES512("ES512", -36, "secp521r1", 521, "SHA-512");

    private final String jwsName;
    private final long coseLabel;
    private final String key;
    private final int bits;
    private final String hash;

    SigningAlgorithm(String jwsName, long coseLabel, String key, int bits, String hash) {
        this.jwsName = requireNonNull(jwsName, "jwsName is null");
        this.coseLabel = coseLabel;
        this.key = requireNonNull(key, "key is null");
        this.bits = bits;
        this.hash = requireNonNull(hash, "hash is null");
    }

    /** The algorithm of a certificate's key. */
    static SigningAlgorithm of(X509Certificate certificate) throws SignatureRejectedException {
        PublicKey publicKey = certificate.getPublicKey();
        for (SigningAlgorithm algorithm : values()) {
            if (algorithm.fits(publicKey)) {
                return algorithm;
            }
        }
        throw new SignatureRejectedException(
                SignatureCheck.CERTIFICATE,
                "the certificate " + CertificatePath.name(certificate) + " has " + describe(publicKey)
                        + ", expected RSA of 2048, 3072 or 4096 bits or ECDSA on P-256, P-384 or P-521");
    }

    private static String describe(PublicKey publicKey) {
        return switch (publicKey) {
            case RSAPublicKey rsa -> "an RSA key of " + rsa.getModulus().bitLength() + " bits";
            case ECPublicKey ec ->
                "an ECDSA key of " + ec.getParams().getOrder().bitLength() + " bits";
            default -> "a key of the algorithm " + Quoted.text(publicKey.getAlgorithm());
        };
    }

    private boolean fits(PublicKey publicKey) {
        return switch (publicKey) {
            case RSAPublicKey rsa -> isRsa() && rsa.getModulus().bitLength() == bits;
            case ECPublicKey ec ->
                !isRsa()
                        && ec.getParams().getOrder().bitLength() == bits
                        && ec.getParams().getCurve().equals(curve().getCurve())
                        && ec.getParams().getGenerator().equals(curve().getGenerator());
            default -> false;
        };
    }

    private boolean isRsa() {
        return key.equals("RSA");
    }

    private ECParameterSpec curve() {
        try {
            AlgorithmParameters parameters = AlgorithmParameters.getInstance("EC");
            parameters.init(new ECGenParameterSpec(key));
            return parameters.getParameterSpec(ECParameterSpec.class);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK has no " + key, e);
        }
    }

    /** Its name in JWS (RFC 7518). */
    String jwsName() {
        return jwsName;
    }

    /** Its label in COSE (RFC 9053). */
    long coseLabel() {
        return coseLabel;
    }

    /**
     * Verifies a signature: RSASSA-PSS with MGF1 and a salt as long as the hash, ECDSA as {@code r || s}.
     *
     * @param signer whose key made it
     */
    void verify(X509Certificate signer, byte[] signed, byte[] signature) throws SignatureRejectedException {
        boolean verified;
        try {
            Signature verifier =
                    Signature.getInstance(isRsa() ? "RSASSA-PSS" : hash.replace("-", "") + "withECDSAinP1363Format");
            if (isRsa()) {
                verifier.setParameter(new PSSParameterSpec(hash, "MGF1", new MGF1ParameterSpec(hash), hashLength(), 1));
            }
            verifier.initVerify(signer.getPublicKey());
            verifier.update(signed);
            verified = verifier.verify(signature);
        } catch (GeneralSecurityException e) {
            throw new SignatureRejectedException(
                    SignatureCheck.SIGNATURE,
                    "no " + this + " signature of the certificate " + CertificatePath.name(signer),
                    e);
        }
        if (!verified) {
            throw new SignatureRejectedException(
                    SignatureCheck.SIGNATURE,
                    "the " + this + " signature is not of the certificate " + CertificatePath.name(signer));
        }
    }

    private int hashLength() {
        return Integer.parseInt(hash.substring("SHA-".length())) / 8;
    }
}
