package dev.bulla.ocicrypt.pkcs7;

import dev.bulla.ocicrypt.DecryptionKey;
import dev.bulla.ocicrypt.KeyFormatException;
import dev.bulla.ocicrypt.KeyWrap;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPublicKey;
import java.util.Arrays;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.cms.CMSObjectIdentifiers;
import org.bouncycastle.asn1.cms.ContentInfo;
import org.bouncycastle.asn1.cms.EncryptedContentInfo;
import org.bouncycastle.asn1.cms.EnvelopedData;
import org.bouncycastle.asn1.cms.IssuerAndSerialNumber;
import org.bouncycastle.asn1.cms.KeyTransRecipientInfo;
import org.bouncycastle.asn1.cms.RecipientIdentifier;
import org.bouncycastle.asn1.cms.RecipientInfo;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;

/** Wraps by PKCS #7 as the Go library does: version 0, AES-128-GCM, RSA PKCS #1 v1.5 to issuer and serial. */
public final class Pkcs7KeyWrap implements KeyWrap {
    private static final int KEY_LENGTH = 16;

    private final List<X509Certificate> recipients;
    private final SecureRandom random;

    /**
     * A wrap to these certificates.
     *
     * @param recipients certificates of RSA keys, each of which can open the layer
     * @throws KeyFormatException when one has another key
     */
    public Pkcs7KeyWrap(List<X509Certificate> recipients, SecureRandom random) throws KeyFormatException {
        if (recipients.isEmpty() || recipients.size() > EnvelopedMessage.MAX_RECIPIENTS) {
            throw new IllegalArgumentException(recipients.size() + " recipients");
        }
        for (X509Certificate recipient : recipients) {
            if (!(recipient.getPublicKey() instanceof RSAPublicKey rsa)) {
                throw new KeyFormatException("a certificate of another key than RSA, which pkcs7 needs");
            }
            DecryptionKey.requireRsaSize(rsa.getModulus().bitLength());
        }
        this.recipients = List.copyOf(recipients);
        this.random = random;
    }

    @Override
    public String scheme() {
        return Pkcs7KeyOpener.SCHEME;
    }

    @Override
    public byte[] wrap(byte[] privateOptions) {
        byte[] key = new byte[KEY_LENGTH];
        byte[] nonce = new byte[EnvelopedMessage.NONCE_LENGTH];
        random.nextBytes(key);
        random.nextBytes(nonce);
        try {
            Cipher gcm = Cipher.getInstance("AES/GCM/NoPadding");
            gcm.init(
                    Cipher.ENCRYPT_MODE,
                    new SecretKeySpec(key, "AES"),
                    new GCMParameterSpec(EnvelopedMessage.TAG_LENGTH * 8, nonce));
            byte[] content = gcm.doFinal(privateOptions);
            ASN1EncodableVector infos = new ASN1EncodableVector();
            for (X509Certificate recipient : recipients) {
                infos.add(recipientInfo(recipient, key));
            }
            EncryptedContentInfo encrypted = new EncryptedContentInfo(
                    CMSObjectIdentifiers.data,
                    new AlgorithmIdentifier(NISTObjectIdentifiers.id_aes128_GCM, parameters(nonce)),
                    new DEROctetString(content));
            return new ContentInfo(
                            CMSObjectIdentifiers.envelopedData,
                            new EnvelopedData(null, new DERSet(infos), encrypted, (org.bouncycastle.asn1.ASN1Set) null))
                    .getEncoded("DER");
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e); // keys and algorithms were looked at before
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    /** As the Go library reads them and nothing else: in a SEQUENCE once more, the nonce under a tag of its own. */
    private static DERSequence parameters(byte[] nonce) {
        ASN1EncodableVector fields = new ASN1EncodableVector();
        fields.add(new DERTaggedObject(false, 4, new DEROctetString(nonce)));
        fields.add(new ASN1Integer(EnvelopedMessage.TAG_LENGTH));
        return new DERSequence(new DERSequence(fields));
    }

    private RecipientInfo recipientInfo(X509Certificate recipient, byte[] key) throws GeneralSecurityException {
        Cipher rsa = Cipher.getInstance("RSA/ECB/PKCS1Padding");
        rsa.init(Cipher.ENCRYPT_MODE, recipient.getPublicKey(), random);
        return new RecipientInfo(new KeyTransRecipientInfo(
                new RecipientIdentifier(new IssuerAndSerialNumber(
                        X500Name.getInstance(recipient.getIssuerX500Principal().getEncoded()),
                        recipient.getSerialNumber())),
                new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE),
                new DEROctetString(rsa.doFinal(key))));
    }
}
