package dev.bulla.policy.bundle;

import dev.bulla.policy.signature.SigningKey;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoGeneratorBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.bouncycastle.tsp.TSPAlgorithms;
import org.bouncycastle.tsp.TimeStampRequestGenerator;
import org.bouncycastle.tsp.TimeStampResponseGenerator;
import org.bouncycastle.tsp.TimeStampTokenGenerator;

/** An instance of sigstore of a test's own: a Fulcio, a log of certificates, a Rekor and a time-stamping authority. */
public final class SigstoreInstance {
    static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    static final Instant END = Instant.parse("2026-12-31T00:00:00Z");
    static final Instant SIGNED = Instant.parse("2026-03-01T12:00:05Z");
    static final Instant ISSUED = Instant.parse("2026-03-01T12:00:00Z");
    static final Instant EXPIRES = Instant.parse("2026-03-01T12:10:00Z");
    public static final CertificateIdentity IDENTITY =
            new CertificateIdentity("https://issuer.example", "https://forge.example/build.yml@refs/heads/main");
    static final String LOG_NAME = "log.example";

    private static final String SCT_LIST = "1.3.6.1.4.1.11129.2.4.2";

    final SigningKey fulcio = SigningKey.ec("secp256r1");
    final SigningKey certificateLog = SigningKey.ec("secp256r1");
    final SigningKey rekor = SigningKey.ec("secp256r1");
    final SigningKey authority = SigningKey.ec("secp256r1");
    public final SigningKey signer = SigningKey.ec("secp256r1");
    final X509Certificate fulcioRoot;
    final X509Certificate authorityRoot;
    final X509Certificate stamper;

    public SigstoreInstance() throws Exception {
        fulcioRoot = authority("fulcio", fulcio);
        authorityRoot = authority("tsa", authority);
        stamper = certificate(
                new Leaf().usage(KeyPurposeId.id_kp_timeStamping).dates(START, END), authority, "tsa", authority);
    }

    private static X509Certificate authority(String name, SigningKey key) throws Exception {
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                new X500Name("CN=" + name),
                BigInteger.ONE,
                Date.from(START),
                Date.from(END),
                new X500Name("CN=" + name),
                key.pair().getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign));
        return signed(builder, key);
    }

    private static X509Certificate signed(JcaX509v3CertificateBuilder builder, SigningKey key) throws Exception {
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA")
                        .build(key.pair().getPrivate())));
    }

    /** What a signer's certificate says. */
    static final class Leaf {
        private KeyPurposeId usage = KeyPurposeId.id_kp_codeSigning;
        private Instant notBefore = ISSUED;
        private Instant notAfter = EXPIRES;
        private List<GeneralName> names =
                List.of(new GeneralName(GeneralName.uniformResourceIdentifier, IDENTITY.subject()));
        private String issuer = IDENTITY.issuer();
        private String oldIssuer = IDENTITY.issuer();

        Leaf usage(KeyPurposeId value) {
            usage = value;
            return this;
        }

        Leaf dates(Instant first, Instant last) {
            notBefore = first;
            notAfter = last;
            return this;
        }

        Leaf names(GeneralName... values) {
            names = List.of(values);
            return this;
        }

        Leaf issuers(String value, String oldValue) {
            issuer = value;
            oldIssuer = oldValue;
            return this;
        }
    }

    private static JcaX509v3CertificateBuilder builder(Leaf leaf, SigningKey subject, String issuer) throws Exception {
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                new X500Name("CN=" + issuer),
                BigInteger.TWO,
                Date.from(leaf.notBefore),
                Date.from(leaf.notAfter),
                new X500Name("CN=leaf"),
                subject.pair().getPublic());
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
        builder.addExtension(Extension.extendedKeyUsage, true, new ExtendedKeyUsage(leaf.usage));
        builder.addExtension(
                Extension.subjectAlternativeName, true, new GeneralNames(leaf.names.toArray(new GeneralName[0])));
        if (!leaf.oldIssuer.isEmpty()) {
            builder.addExtension(
                    new ASN1ObjectIdentifier("1.3.6.1.4.1.57264.1.1"),
                    false,
                    leaf.oldIssuer.getBytes(StandardCharsets.UTF_8));
        }
        if (!leaf.issuer.isEmpty()) {
            builder.addExtension(
                    new ASN1ObjectIdentifier("1.3.6.1.4.1.57264.1.8"), false, new DERUTF8String(leaf.issuer));
        }
        return builder;
    }

    static X509Certificate certificate(Leaf leaf, SigningKey subject, String issuer, SigningKey issuerKey)
            throws Exception {
        return signed(builder(leaf, subject, issuer), issuerKey);
    }

    /** A certificate of the Fulcio, in the log of certificates. */
    X509Certificate certificate(Leaf leaf) throws Exception {
        return certificate(leaf, certificateLog, fulcioRoot, ISSUED);
    }

    X509Certificate certificate(Leaf leaf, SigningKey log, X509Certificate issuer, Instant logged) throws Exception {
        JcaX509v3CertificateBuilder builder = builder(leaf, signer, "fulcio");
        byte[] body = signed(builder, fulcio).getTBSCertificate();
        ByteArrayOutputStream signed = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(signed);
        out.writeShort(0);
        out.writeLong(logged.toEpochMilli());
        out.writeShort(1);
        out.write(sha256(issuer.getPublicKey().getEncoded()));
        out.writeByte(body.length >>> 16);
        out.writeShort(body.length);
        out.write(body);
        out.writeShort(3);
        out.writeBytes("ext");
        byte[] signature = log.sign(signed.toByteArray());
        ByteArrayOutputStream list = new ByteArrayOutputStream();
        out = new DataOutputStream(list);
        int length = 1 + 32 + 8 + 2 + 3 + 2 + 2 + signature.length;
        out.writeShort(length + 2);
        out.writeShort(length);
        out.writeByte(0);
        out.write(sha256(log.pair().getPublic().getEncoded()));
        out.writeLong(logged.toEpochMilli());
        out.writeShort(3);
        out.writeBytes("ext");
        out.writeShort(0x0403);
        out.writeShort(signature.length);
        out.write(signature);
        builder.addExtension(new ASN1ObjectIdentifier(SCT_LIST), false, new DEROctetString(list.toByteArray()));
        return signed(builder, fulcio);
    }

    byte[] timestamp(byte[] stamped, Instant time) throws Exception {
        return timestamp(stamped, time, stamper, authority);
    }

    static byte[] timestamp(byte[] stamped, Instant time, X509Certificate certificate, SigningKey key)
            throws Exception {
        TimeStampTokenGenerator generator = new TimeStampTokenGenerator(
                new JcaSimpleSignerInfoGeneratorBuilder()
                        .build("SHA256withECDSA", key.pair().getPrivate(), certificate),
                new JcaDigestCalculatorProviderBuilder().build().get(new AlgorithmIdentifier(TSPAlgorithms.SHA256)),
                new ASN1ObjectIdentifier("1.2.3"));
        TimeStampRequestGenerator requests = new TimeStampRequestGenerator();
        requests.setCertReq(true);
        generator.addCertificates(new JcaCertStore(List.of(certificate)));
        return new TimeStampResponseGenerator(generator, TSPAlgorithms.ALLOWED)
                .generate(requests.generate(TSPAlgorithms.SHA256, sha256(stamped)), BigInteger.TEN, Date.from(time))
                .getEncoded();
    }

    /** Its trusted root, every part of it in use from {@link #START} to {@link #END}. */
    public String trustedRoot() throws Exception {
        String validFor = "{'start':'" + START + "','end':'" + END + "'}";
        return String.format(
                        Locale.ROOT,
                        "{'mediaType':'application/vnd.dev.sigstore.trustedroot+json;version=0.1',"
                                + "'tlogs':[%s],'ctlogs':[%s],"
                                + "'certificateAuthorities':[{'uri':'https://fulcio.example','certChain':"
                                + "{'certificates':[{'rawBytes':'%s'}]},'validFor':%s}],"
                                + "'timestampAuthorities':[{'uri':'https://tsa.example','certChain':"
                                + "{'certificates':[{'rawBytes':'%s'},{'rawBytes':'%s'}]},'validFor':%s}]}",
                        log(rekor, validFor),
                        log(certificateLog, validFor),
                        base64(fulcioRoot.getEncoded()),
                        validFor,
                        base64(stamper.getEncoded()),
                        base64(authorityRoot.getEncoded()),
                        validFor)
                .replace('\'', '"');
    }

    private static String log(SigningKey key, String validFor) throws Exception {
        byte[] spki = key.pair().getPublic().getEncoded();
        return String.format(
                Locale.ROOT,
                "{'baseUrl':'https://%s/','hashAlgorithm':'SHA2_256','publicKey':{'rawBytes':'%s','keyDetails':"
                        + "'PKIX_ECDSA_P256_SHA_256','validFor':%s},'logId':{'keyId':'%s'}}",
                LOG_NAME,
                base64(spki),
                validFor,
                base64(sha256(spki)));
    }

    TrustedRoot root() throws Exception {
        return TrustedRoot.parse(trustedRoot().getBytes(StandardCharsets.UTF_8), "test");
    }

    static byte[] sha256(byte[] bytes) throws Exception {
        return MessageDigest.getInstance("SHA-256").digest(bytes);
    }

    public static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
