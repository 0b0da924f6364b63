package dev.bulla.composefs.signature;

import dev.bulla.oci.Quoted;
import java.io.IOException;
import java.util.Arrays;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.ASN1Primitive;
import org.bouncycastle.asn1.ASN1Set;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.cms.CMSObjectIdentifiers;
import org.bouncycastle.asn1.cms.ContentInfo;
import org.bouncycastle.asn1.cms.IssuerAndSerialNumber;
import org.bouncycastle.asn1.cms.SignedData;
import org.bouncycastle.asn1.cms.SignerInfo;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.jspecify.annotations.Nullable;

/**
 * What PKCS#7 signed data says when it is of the one form that is taken: DER, detached, one signer, nothing that is not used.
 * Parsed, not verified.
 *
 * @param signer whose signature it says it is: issuer and serial number of a certificate
 * @param signerName the same for people
 * @param hash its hash function
 * @param scheme the signature's algorithm
 * @param signature the signature itself
 */
record Pkcs7Signature(
        IssuerAndSerialNumber signer,
        String signerName,
        SignatureHash hash,
        AlgorithmIdentifier scheme,
        ASN1OctetString signature) {

    /** Parses the bytes. */
    static Pkcs7Signature parse(byte[] der) throws SignatureRefusedException {
        try {
            ASN1Primitive parsed = ASN1Primitive.fromByteArray(der);
            requireEncoding(parsed, der);
            ContentInfo info = ContentInfo.getInstance(parsed);
            if (!CMSObjectIdentifiers.signedData.equals(info.getContentType())) {
                throw refused(
                        SignatureCheck.CONTENT_TYPE,
                        "got the content type " + info.getContentType() + ", expected signed data");
            }
            SignedData data = SignedData.getInstance(info.getContent());
            // What Bouncy Castle's classes skip when they read must not be there: they must write just what was read.
            requireEncoding(new ContentInfo(CMSObjectIdentifiers.signedData, data), der);
            requireDetachedData(data);
            SignerInfo signer = onlySigner(data);
            IssuerAndSerialNumber identity =
                    IssuerAndSerialNumber.getInstance(signer.getSID().getId());
            return new Pkcs7Signature(
                    identity,
                    "number " + identity.getSerialNumber().getValue().toString(16) + " of "
                            + Quoted.text(identity.getName().toString()),
                    hash(data, signer),
                    signer.getDigestEncryptionAlgorithm(),
                    signer.getEncryptedDigest());
        } catch (SignatureRefusedException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // Bouncy Castle refuses what is malformed by either.
            throw new SignatureRefusedException(SignatureCheck.ENCODING, "PKCS#7: not signed data in DER", e);
        }
    }

    private static void requireEncoding(@Nullable ASN1Encodable read, byte[] der)
            throws IOException, SignatureRefusedException {
        if (read == null || !Arrays.equals(read.toASN1Primitive().getEncoded("DER"), der)) {
            throw refused(SignatureCheck.ENCODING, "not in DER, or more than signed data");
        }
    }

    private static void requireDetachedData(SignedData data) throws SignatureRefusedException {
        if (!data.getVersion().hasValue(1)) {
            throw refused(SignatureCheck.CONTENT_TYPE, "got version " + data.getVersion() + ", expected 1");
        }
        ContentInfo content = data.getEncapContentInfo();
        if (!CMSObjectIdentifiers.data.equals(content.getContentType())) {
            throw refused(
                    SignatureCheck.CONTENT_TYPE, "got content of type " + content.getContentType() + ", expected data");
        }
        if (content.getContent() != null) {
            throw refused(SignatureCheck.CONTENT_TYPE, "what was signed is in it, expected a detached signature");
        }
        if (data.getCertificates() != null) {
            throw refused(SignatureCheck.EXTRAS, "it carries certificates, expected none (openssl smime -nocerts)");
        }
        if (data.getCRLs() != null) {
            throw refused(SignatureCheck.EXTRAS, "it carries revocation lists, expected none");
        }
    }

    private static SignerInfo onlySigner(SignedData data) throws IOException, SignatureRefusedException {
        ASN1Set signers = data.getSignerInfos();
        if (signers.size() != 1) {
            throw refused(SignatureCheck.SIGNER_COUNT, "got " + signers.size() + " signers, expected 1");
        }
        SignerInfo signer = SignerInfo.getInstance(signers.getObjectAt(0));
        requireEncoding(signer, signers.getObjectAt(0).toASN1Primitive().getEncoded("DER"));
        if (!signer.getVersion().hasValue(1) || signer.getSID().isTagged()) {
            throw refused(
                    SignatureCheck.SIGNER_COUNT,
                    "got a signer of version " + signer.getVersion()
                            + (signer.getSID().isTagged() ? " by key" : "")
                            + ", expected 1 by issuer and serial number");
        }
        if (signer.getAuthenticatedAttributes() != null) {
            throw refused(SignatureCheck.EXTRAS, "it has signed attributes, expected none (openssl smime -noattr)");
        }
        if (signer.getUnauthenticatedAttributes() != null) {
            throw refused(SignatureCheck.EXTRAS, "it has unsigned attributes, expected none");
        }
        return signer;
    }

    private static SignatureHash hash(SignedData data, SignerInfo signer) throws SignatureRefusedException {
        ASN1Set named = data.getDigestAlgorithms();
        if (named.size() != 1) {
            throw refused(SignatureCheck.HASH, "got " + named.size() + " hash functions, expected 1");
        }
        SignatureHash ofData = hash(AlgorithmIdentifier.getInstance(named.getObjectAt(0)));
        SignatureHash ofSigner = hash(signer.getDigestAlgorithm());
        if (ofData != ofSigner) {
            throw refused(SignatureCheck.HASH, "got " + ofData + " and " + ofSigner + ", expected one hash function");
        }
        return ofSigner;
    }

    private static SignatureHash hash(AlgorithmIdentifier identifier) throws SignatureRefusedException {
        if (!isNullOrAbsent(identifier.getParameters())) {
            throw refused(SignatureCheck.HASH, "its hash function has parameters, expected none");
        }
        return SignatureHash.of(identifier.getAlgorithm())
                .orElseThrow(() -> refused(
                        SignatureCheck.HASH,
                        "got the hash function " + identifier.getAlgorithm()
                                + ", expected SHA-256, SHA-384 or SHA-512"));
    }

    /** Whether an algorithm's parameters say nothing, in either form. */
    static boolean isNullOrAbsent(@Nullable ASN1Encodable parameters) {
        return parameters == null || DERNull.INSTANCE.equals(parameters);
    }

    private static SignatureRefusedException refused(SignatureCheck check, String problem) {
        return new SignatureRefusedException(check, "PKCS#7: " + problem);
    }
}
