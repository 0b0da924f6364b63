package dev.bulla.policy.notation;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAKeyGenParameterSpec;
import java.security.spec.RSAPublicKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.NameConstraints;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Mints a certificate: a code-signing leaf of 2025 and 2026 where nothing else is said. */
public final class Mint {
    public static final Instant FROM = Instant.parse("2025-01-01T00:00:00Z");
    public static final Instant TO = Instant.parse("2027-01-01T00:00:00Z");
    public static final String LIST_URL = "http://crl.example/list";

    private static final AtomicLong SERIAL = new AtomicLong(1000);

    private final String subject;
    private KeyPair keys;
    private Instant from = FROM;
    private Instant to = TO;
    private Optional<BasicConstraints> constraints = Optional.empty();
    private boolean constraintsCritical = true;
    private int keyUsage = KeyUsage.digitalSignature;
    private boolean keyUsageCritical = true;
    private List<KeyPurposeId> purposes = List.of();
    private boolean purposesCritical;
    private boolean published;
    private boolean namesConstrained;
    private String hash = "SHA256";

    private Mint(String subject) throws Exception {
        this.subject = subject;
        this.keys = ec("secp256r1");
    }

    public static Mint leaf(String subject) throws Exception {
        return new Mint(subject);
    }

    public static Mint authority(String subject) throws Exception {
        return new Mint(subject)
                .constraints(new BasicConstraints(true))
                .keyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign);
    }

    public static Mint tsa(String subject) throws Exception {
        return new Mint(subject).purposes(KeyPurposeId.id_kp_timeStamping).purposesCritical(true);
    }

    static KeyPair ec(String curve) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec(curve));
        return generator.generateKeyPair();
    }

    /** The key of that length among the resources. */
    static KeyPair rsa(int bits) throws Exception {
        try (InputStream in = requireNonNull(Mint.class.getResourceAsStream("rsa-" + bits + ".pem"))) {
            String pem = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
            byte[] der = Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
            KeyFactory factory = KeyFactory.getInstance("RSA");
            RSAPrivateCrtKey key = (RSAPrivateCrtKey) factory.generatePrivate(new PKCS8EncodedKeySpec(der));
            return new KeyPair(
                    factory.generatePublic(new RSAPublicKeySpec(key.getModulus(), key.getPublicExponent())), key);
        }
    }

    /** A public key of that length which nobody can sign with. */
    static KeyPair rsaOfNoUse(int bits) throws Exception {
        BigInteger modulus = BigInteger.ONE.shiftLeft(bits).subtract(BigInteger.ONE);
        return new KeyPair(
                KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(modulus, RSAKeyGenParameterSpec.F4)),
                rsa(2048).getPrivate());
    }

    @CanIgnoreReturnValue
    Mint keys(KeyPair other) {
        keys = other;
        return this;
    }

    @CanIgnoreReturnValue
    public Mint valid(Instant first, Instant last) {
        from = first;
        to = last;
        return this;
    }

    @CanIgnoreReturnValue
    Mint constraints(BasicConstraints other) {
        constraints = Optional.of(other);
        return this;
    }

    @CanIgnoreReturnValue
    Mint noConstraints() {
        constraints = Optional.empty();
        return this;
    }

    @CanIgnoreReturnValue
    Mint constraintsCritical(boolean critical) {
        constraintsCritical = critical;
        return this;
    }

    @CanIgnoreReturnValue
    Mint keyUsage(int bits) {
        keyUsage = bits;
        return this;
    }

    @CanIgnoreReturnValue
    Mint keyUsageCritical(boolean critical) {
        keyUsageCritical = critical;
        return this;
    }

    @CanIgnoreReturnValue
    Mint purposes(KeyPurposeId... ids) {
        purposes = List.of(ids);
        return this;
    }

    @CanIgnoreReturnValue
    Mint purposesCritical(boolean critical) {
        purposesCritical = critical;
        return this;
    }

    /** It says where its issuer publishes revocation. */
    @CanIgnoreReturnValue
    public Mint published() {
        published = true;
        return this;
    }

    /** It says, as critical, which names it may vouch for. */
    @CanIgnoreReturnValue
    Mint namesConstrained() {
        namesConstrained = true;
        return this;
    }

    @CanIgnoreReturnValue
    Mint hash(String other) {
        hash = other;
        return this;
    }

    public Minted selfSigned() throws Exception {
        return build(keys, new X500Name(subject));
    }

    public Minted by(Minted issuer) throws Exception {
        return build(
                        issuer.keys(),
                        X500Name.getInstance(
                                issuer.certificate().getSubjectX500Principal().getEncoded()))
                .issuer(issuer);
    }

    private Minted build(KeyPair signer, X500Name issuer) throws Exception {
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                issuer,
                BigInteger.valueOf(SERIAL.incrementAndGet()),
                Date.from(from),
                Date.from(to),
                new X500Name(subject),
                keys.getPublic());
        if (constraints.isPresent()) {
            builder.addExtension(Extension.basicConstraints, constraintsCritical, constraints.get());
        }
        if (keyUsage != 0) {
            builder.addExtension(Extension.keyUsage, keyUsageCritical, new KeyUsage(keyUsage));
        }
        if (!purposes.isEmpty()) {
            builder.addExtension(
                    Extension.extendedKeyUsage,
                    purposesCritical,
                    new ExtendedKeyUsage(purposes.toArray(new KeyPurposeId[0])));
        }
        if (namesConstrained) {
            builder.addExtension(
                    Extension.nameConstraints,
                    true,
                    new NameConstraints(
                            new GeneralSubtree[] {new GeneralSubtree(new GeneralName(new X500Name("O=other")))}, null));
        }
        if (published) {
            builder.addExtension(Extension.cRLDistributionPoints, false, new CRLDistPoint(new DistributionPoint[] {
                new DistributionPoint(
                        new DistributionPointName(
                                new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, LIST_URL))),
                        null,
                        null)
            }));
        }
        String algorithm = hash + (signer.getPrivate().getAlgorithm().equals("RSA") ? "withRSA" : "withECDSA");
        return new Minted(
                keys,
                List.of(new JcaX509CertificateConverter()
                        .getCertificate(
                                builder.build(new JcaContentSignerBuilder(algorithm).build(signer.getPrivate())))));
    }
}
