package dev.bulla.policy.sigstore;

import dev.bulla.policy.signature.SigningKey;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.asn1.x509.Time;
import org.bouncycastle.asn1.x509.V3TBSCertificateGenerator;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;

/** Makes certificates for tests, well-formed or not: extensions are written as they are given, duplicates too. */
public final class CertificateMint {
    private static final Instant FROM = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant TO = FROM.plus(Duration.ofDays(3650));

    private final SigningKey key;
    private final String subject;
    private final List<Extension> extensions = new ArrayList<>();
    private BigInteger serial = BigInteger.valueOf(1000);
    private Instant from = FROM;
    private Instant to = TO;

    private CertificateMint(String subject) throws GeneralSecurityException {
        this(subject, SigningKey.ec("secp256r1"));
    }

    private CertificateMint(String subject, SigningKey key) {
        this.subject = subject;
        this.key = key;
    }

    /** A certificate and its key. */
    public record Minted(SigningKey key, X509Certificate certificate) {
        /** The certificate in PEM. */
        public byte[] pem() throws CertificateException {
            return SigningKey.pem("CERTIFICATE", certificate.getEncoded());
        }
    }

    /** A root. */
    public static Minted root(String name) throws Exception {
        CertificateMint mint = new CertificateMint(name).authority();
        return mint.signed(name, mint.key);
    }

    /** A root of another time, or with more to say. */
    public static CertificateMint root(String name, SigningKey key) {
        return new CertificateMint(name, key);
    }

    /** By its own key. */
    public Minted bySelf() throws Exception {
        return signed(subject, key);
    }

    /** An authority that lets so many others stand below it. */
    public CertificateMint authority(int pathLength) throws Exception {
        extensions.add(Extension.create(Extension.basicConstraints, true, new BasicConstraints(pathLength)));
        return this;
    }

    /** With this serial number. */
    public CertificateMint serial(int number) {
        serial = BigInteger.valueOf(number);
        return this;
    }

    /** An authority under another. */
    public static Minted authority(String name, Minted issuer) throws Exception {
        return new CertificateMint(name).authority().by(issuer);
    }

    /** A leaf, with no extensions yet. */
    public static CertificateMint leaf(String name) throws GeneralSecurityException {
        return new CertificateMint(name);
    }

    private CertificateMint authority() throws Exception {
        extensions.add(Extension.create(Extension.basicConstraints, true, new BasicConstraints(true)));
        extensions.add(
                Extension.create(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign)));
        return this;
    }

    /** Valid in these days only. */
    public CertificateMint valid(Instant notBefore, Instant notAfter) {
        this.from = notBefore;
        this.to = notAfter;
        return this;
    }

    /** With an extension of these bytes. */
    public CertificateMint extension(String id, boolean critical, byte[] value) {
        extensions.add(new Extension(new ASN1ObjectIdentifier(id), critical, value));
        return this;
    }

    /** With these alternative names. */
    public CertificateMint names(boolean critical, GeneralName... names) throws Exception {
        extensions.add(Extension.create(Extension.subjectAlternativeName, critical, new GeneralNames(names)));
        return this;
    }

    /** For this extended use. */
    public CertificateMint usage(KeyPurposeId purpose) throws Exception {
        extensions.add(Extension.create(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose)));
        return this;
    }

    /** For these uses. */
    public CertificateMint keyUsage(int usage) throws Exception {
        extensions.add(Extension.create(Extension.keyUsage, true, new KeyUsage(usage)));
        return this;
    }

    /** An alternative name of a kind that nobody asks for. */
    public static GeneralName otherName() {
        return new GeneralName(GeneralName.otherName, new DERSequence(new org.bouncycastle.asn1.ASN1Encodable[] {
            new ASN1ObjectIdentifier("1.3.6.1.4.1.57264.1.7"),
            new org.bouncycastle.asn1.DERTaggedObject(true, 0, new DERUTF8String("name"))
        }));
    }

    /** Signed by that authority. */
    public Minted by(Minted issuer) throws Exception {
        return signed(issuer.certificate().getSubjectX500Principal().getName(), issuer.key());
    }

    private Minted signed(String issuer, SigningKey signer) throws Exception {
        AlgorithmIdentifier algorithm = new AlgorithmIdentifier(X9ObjectIdentifiers.ecdsa_with_SHA256);
        V3TBSCertificateGenerator generator = new V3TBSCertificateGenerator();
        generator.setSerialNumber(new ASN1Integer(serial));
        generator.setSignature(algorithm);
        generator.setIssuer(new X500Name(issuer));
        generator.setStartDate(new Time(Date.from(from)));
        generator.setEndDate(new Time(Date.from(to)));
        generator.setSubject(new X500Name(subject));
        generator.setSubjectPublicKeyInfo(
                SubjectPublicKeyInfo.getInstance(key.pair().getPublic().getEncoded()));
        if (!extensions.isEmpty()) {
            generator.setExtensions(new Extensions(extensions.toArray(Extension[]::new)));
        }
        byte[] tbs = generator.generateTBSCertificate().getEncoded("DER");
        ASN1EncodableVector parts = new ASN1EncodableVector();
        parts.add(org.bouncycastle.asn1.ASN1Primitive.fromByteArray(tbs));
        parts.add(algorithm);
        parts.add(new DERBitString(signer.sign(tbs)));
        byte[] der = new DERSequence(parts).getEncoded("DER");
        return new Minted(key, (X509Certificate) java.security.cert.CertificateFactory.getInstance("X.509")
                .generateCertificate(new java.io.ByteArrayInputStream(der)));
    }
}
