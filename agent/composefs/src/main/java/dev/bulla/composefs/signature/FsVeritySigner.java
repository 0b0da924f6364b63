package dev.bulla.composefs.signature;

import dev.bulla.composefs.VerityDigest;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.List;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1Set;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.cms.CMSObjectIdentifiers;
import org.bouncycastle.asn1.cms.ContentInfo;
import org.bouncycastle.asn1.cms.SignedData;
import org.bouncycastle.asn1.cms.SignerInfo;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;

/**
 * Makes PKCS#7 signatures over fs-verity digests, byte for byte in the form of {@code fsverity sign}, which is that of
 * {@code openssl smime -sign -noattr -nocerts -binary -outform der} over a {@link FormattedDigest}. Not for the guest, which
 * holds no key that signs.
 */
public final class FsVeritySigner {
    private FsVeritySigner() {}

    /**
     * Signs a digest, with the hash function that the digest has.
     *
     * @param key the private key: RSA, or ECDSA
     * @param certificate its certificate
     * @return the signature in DER, which {@link FsVeritySignature#verify} accepts
     * @throws UnusableKeyException when the key is not the certificate's, or is one that would not be believed
     */
    public static byte[] sign(PrivateKey key, X509Certificate certificate, VerityDigest digest)
            throws UnusableKeyException {
        SignerCertificate signer = SignerCertificate.of(certificate);
        VerificationKey publicKey = VerificationKey.of(certificate.getPublicKey(), signer.name());
        SignatureHash hash = SignatureHash.of(digest.algorithm().hash());
        AlgorithmIdentifier scheme = switch (publicKey.kind()) {
            case RSA -> new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE);
            case P256, P384, P521 -> new AlgorithmIdentifier(hash.withEcdsa());
            case ED25519 ->
                throw new UnusableKeyException(
                        signer.name(), "an Ed25519 key, expected RSA or ECDSA for a PKCS#7 signature");
        };
        try {
            Signature signature = Signature.getInstance(publicKey.kind().jcaName(hash));
            signature.initSign(key);
            signature.update(new FormattedDigest(digest).bytes());
            byte[] der = encode(signer, hash, scheme, signature.sign());
            FsVeritySignature.verify(der, digest, List.of(certificate));
            return der;
        } catch (SignatureRefusedException | GeneralSecurityException e) {
            // The JCA's message may say what the private key is; the refusal is about the certificate.
            throw new UnusableKeyException(signer.name(), "the private key is not that of the certificate");
        }
    }

    private static byte[] encode(
            SignerCertificate signer, SignatureHash hash, AlgorithmIdentifier scheme, byte[] signature) {
        AlgorithmIdentifier hashFunction = new AlgorithmIdentifier(hash.identifier(), DERNull.INSTANCE);
        SignerInfo info = new SignerInfo(
                signer.identifier(), hashFunction, (ASN1Set) null, scheme, new DEROctetString(signature), (ASN1Set)
                        null);
        SignedData data = new SignedData(
                new DERSet(hashFunction),
                new ContentInfo(CMSObjectIdentifiers.data, null),
                null,
                null,
                new DERSet(info));
        assert data.getVersion().equals(new ASN1Integer(1));
        try {
            return new ContentInfo(CMSObjectIdentifiers.signedData, data).getEncoded("DER");
        } catch (IOException e) {
            throw new IllegalStateException(e); // nothing is written but memory
        }
    }
}
