package dev.bulla.composefs.signature;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.VerityDigest;
import dev.bulla.oci.Quoted;
import java.security.cert.X509Certificate;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.jspecify.annotations.Nullable;

/**
 * The PKCS#7 signature over a file's fs-verity digest, as {@code fsverity sign} makes it and Linux's built-in verification
 * takes it: detached, DER, without attributes and certificates, by one signer, RSA (PKCS #1 v1.5) or ECDSA.
 *
 * <p>Follows RFC 5652 and the kernel's fs-verity documentation; accepts less than the kernel does. Verified in user space
 * only.
 *
 * <p><b>Security.</b> Trust is in the certificates that are given, each for its own key and for nothing that it issued:
 * the signer is found among them by issuer and serial number. Their validity dates are not looked at (the clock is the
 * host's, and the kernel looks at none either): a certificate that is no longer trusted is no longer given. Signed attributes
 * are refused: with them it is the attributes that are signed, a second way to say the same, and bytes that mean one thing
 * with attributes can mean another without; no tool of fs-verity writes them.
 */
public final class FsVeritySignature {
    /** The most bytes of a signature; the kernel takes no more either. */
    public static final int MAX_LENGTH = 16128;

    /** KeyUsage's bit for signatures over data. */
    private static final int DIGITAL_SIGNATURE = 0;

    private FsVeritySignature() {}

    /**
     * Verifies a signature.
     *
     * @param der the signature
     * @param digest the digest that it should be over
     * @param trusted whose signatures are believed
     * @throws SignatureRefusedException when it is not one of them that signed this digest
     */
    public static SignedDigest verify(byte[] der, VerityDigest digest, List<X509Certificate> trusted)
            throws SignatureRefusedException {
        requireNonNull(digest, "digest is null");
        if (der.length == 0 || der.length > MAX_LENGTH) {
            throw new SignatureRefusedException(
                    SignatureCheck.SIZE, "PKCS#7: got " + der.length + " bytes, limits 1 to " + MAX_LENGTH);
        }
        Pkcs7Signature signature = Pkcs7Signature.parse(der.clone());
        byte[] signed = new FormattedDigest(digest).bytes();
        @Nullable SignatureRefusedException refusal = null;
        for (X509Certificate certificate : trusted) {
            SignerCertificate candidate = SignerCertificate.of(certificate);
            if (!candidate.isNamedBy(signature.signer())) {
                continue;
            }
            try {
                VerificationKey key = key(certificate, candidate.name());
                requireScheme(signature.scheme(), key, signature.hash());
                key.verify(signature.hash(), signed, signature.signature().getOctets());
                return new SignedDigest(digest, key);
            } catch (SignatureRefusedException e) {
                refusal = e; // another certificate may have the same issuer and number
            }
        }
        throw refusal != null
                ? refusal
                : new SignatureRefusedException(
                        SignatureCheck.TRUSTED,
                        "PKCS#7: got a signer whose certificate is " + signature.signerName() + ", expected one of the "
                                + trusted.size() + " trusted certificates");
    }

    private static VerificationKey key(X509Certificate certificate, String name) throws SignatureRefusedException {
        boolean @Nullable [] usage = certificate.getKeyUsage();
        if (usage != null && !usage[DIGITAL_SIGNATURE]) {
            throw new SignatureRefusedException(
                    SignatureCheck.KEY,
                    "the certificate of " + Quoted.text(name) + " is not for digital signatures, by its key usage");
        }
        try {
            return VerificationKey.of(certificate.getPublicKey(), name);
        } catch (UnusableKeyException e) {
            throw new SignatureRefusedException(SignatureCheck.KEY, e.getMessage(), e);
        }
    }

    /** The kernel knows RSA PKCS #1 v1.5 and ECDSA here, and no PSS or Edwards curves. */
    private static void requireScheme(AlgorithmIdentifier scheme, VerificationKey key, SignatureHash hash)
            throws SignatureRefusedException {
        boolean fits = switch (key.kind()) {
            case RSA ->
                PKCSObjectIdentifiers.rsaEncryption.equals(scheme.getAlgorithm())
                        && Pkcs7Signature.isNullOrAbsent(scheme.getParameters());
            case P256, P384, P521 -> hash.withEcdsa().equals(scheme.getAlgorithm()) && scheme.getParameters() == null;
            case ED25519 -> false;
        };
        if (!fits) {
            throw new SignatureRefusedException(
                    SignatureCheck.KEY,
                    "PKCS#7: got a signature of the algorithm " + scheme.getAlgorithm() + " with " + hash
                            + ", expected what goes with " + key + ", which is " + key.kind());
        }
    }
}
