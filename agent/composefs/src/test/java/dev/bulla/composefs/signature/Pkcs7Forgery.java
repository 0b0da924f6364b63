package dev.bulla.composefs.signature;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.util.ArrayList;
import java.util.List;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.cms.CMSObjectIdentifiers;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.jspecify.annotations.Nullable;

/** PKCS#7 signed data built field by field: right as it starts out (by RSA and SHA-256), wrong where a test makes it so. */
final class Pkcs7Forgery {
    private static final AlgorithmIdentifier SHA256 =
            new AlgorithmIdentifier(NISTObjectIdentifiers.id_sha256, DERNull.INSTANCE);

    ASN1ObjectIdentifier outerType = CMSObjectIdentifiers.signedData;
    int version = 1;
    List<AlgorithmIdentifier> digestAlgorithms = new ArrayList<>(List.of(SHA256));
    ASN1ObjectIdentifier contentType = CMSObjectIdentifiers.data;
    byte @Nullable [] content;

    @Nullable
    ASN1Encodable certificates;

    @Nullable
    ASN1Encodable revocationLists;

    int signers = 1;
    int signerVersion = 1;
    ASN1Encodable signerIdentifier;
    AlgorithmIdentifier signerDigestAlgorithm = SHA256;

    @Nullable
    ASN1Encodable signedAttributes;

    AlgorithmIdentifier scheme = new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE);
    byte[] signature;

    @Nullable
    ASN1Encodable unsignedAttributes;

    @Nullable
    ASN1Encodable trailer;

    Pkcs7Forgery(TestSigner signer, byte[] signed) {
        this(signer, signed, "SHA256withRSA");
    }

    Pkcs7Forgery(TestSigner signer, byte[] signed, String jcaName) {
        signerIdentifier = SignerCertificate.of(signer.certificate()).identifier();
        signature = sign(signer, signed, jcaName);
    }

    static byte[] sign(TestSigner signer, byte[] signed, String jcaName) {
        try {
            Signature made = Signature.getInstance(jcaName);
            made.initSign(signer.pair().getPrivate());
            made.update(signed);
            return made.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    byte[] encode(String encoding) {
        try {
            return build().getEncoded(encoding);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    byte[] der() {
        return encode("DER");
    }

    private DERSequence build() {
        ASN1EncodableVector signer = new ASN1EncodableVector();
        signer.add(new ASN1Integer(signerVersion));
        signer.add(signerIdentifier);
        signer.add(signerDigestAlgorithm);
        addTagged(signer, 0, signedAttributes);
        signer.add(scheme);
        signer.add(new DEROctetString(signature));
        addTagged(signer, 1, unsignedAttributes);
        ASN1EncodableVector signerSet = new ASN1EncodableVector();
        for (int i = 0; i < signers; i++) {
            signerSet.add(new DERSequence(signer));
        }
        ASN1EncodableVector contentInfo = new ASN1EncodableVector();
        contentInfo.add(contentType);
        if (content != null) {
            contentInfo.add(new DERTaggedObject(true, 0, new DEROctetString(content)));
        }
        ASN1EncodableVector data = new ASN1EncodableVector();
        data.add(new ASN1Integer(version));
        data.add(new DERSet(digestAlgorithms.toArray(AlgorithmIdentifier[]::new)));
        data.add(new DERSequence(contentInfo));
        addTagged(data, 0, certificates);
        addTagged(data, 1, revocationLists);
        data.add(new DERSet(signerSet));
        if (trailer != null) {
            data.add(trailer);
        }
        return new DERSequence(new ASN1Encodable[] {outerType, new DERTaggedObject(true, 0, new DERSequence(data))});
    }

    private static void addTagged(ASN1EncodableVector to, int number, @Nullable ASN1Encodable what) {
        if (what != null) {
            to.add(new DERTaggedObject(false, number, what));
        }
    }
}
