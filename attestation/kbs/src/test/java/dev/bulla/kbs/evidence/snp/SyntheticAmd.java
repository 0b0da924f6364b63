package dev.bulla.kbs.evidence.snp;

import dev.bulla.attestation.protocol.snp.SnpCertificate;
import dev.bulla.attestation.protocol.snp.SnpProduct;
import dev.bulla.attestation.protocol.snp.SnpReport;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Provider;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * An authority that signs as AMD does for one product, with keys of its own: a root, its two intermediates, and whatever
 * endorsement keys and reports a test orders.
 */
public final class SyntheticAmd {
    /** A time at which everything here is valid unless it was ordered otherwise. */
    public static final Instant NOW = Instant.parse("2026-03-01T00:00:00Z");

    static final String PSS_SHA384 = "SHA384WITHRSAANDMGF1";

    private static final Provider BC = new BouncyCastleProvider();
    private static final List<KeyPair> KEYS = authorityKeys();
    private static final List<KeyPair> FORGED_KEYS = authorityKeys();
    private static final Instant FROM = Instant.parse("2024-01-01T00:00:00Z");
    private static final Instant TO = Instant.parse("2034-01-01T00:00:00Z");

    final SnpProduct product;
    final KeyPair arkKey;
    final KeyPair askKey;
    final KeyPair asvkKey;
    final X509Certificate ark;
    final X509Certificate ask;
    final X509Certificate asvk;

    /** The authorities of a product; those of all products have the same keys, so that only names tell them apart. */
    public SyntheticAmd(SnpProduct product) throws GeneralSecurityException {
        this(product, KEYS);
    }

    /** Authorities of the same names with other keys. */
    public static SyntheticAmd forged(SnpProduct product) throws GeneralSecurityException {
        return new SyntheticAmd(product, FORGED_KEYS);
    }

    private SyntheticAmd(SnpProduct product, List<KeyPair> keys) throws GeneralSecurityException {
        this.product = product;
        arkKey = keys.get(0);
        askKey = keys.get(1);
        asvkKey = keys.get(2);
        ark = root().sign();
        ask = intermediate("SEV-" + product.amdName(), askKey).sign();
        asvk = intermediate("SEV-VLEK-" + product.amdName(), asvkKey).sign();
    }

    private static List<KeyPair> authorityKeys() {
        try {
            KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
            rsa.initialize(1024); // quick to make; nothing depends on its strength
            return List.of(rsa.generateKeyPair(), rsa.generateKeyPair(), rsa.generateKeyPair());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The authorities as a verifier trusts them. */
    public AmdRoots roots() {
        return new AmdRoots(Map.of(product, new AmdRoots.Authorities(ark, ask, asvk)));
    }

    Order root() {
        return new Order("ARK-" + product.amdName(), arkKey, "ARK-" + product.amdName(), arkKey.getPrivate())
                .authority();
    }

    Order intermediate(String name, KeyPair key) {
        return new Order(name, key, "ARK-" + product.amdName(), arkKey.getPrivate()).authority();
    }

    /** The certificate of a chip's key, for the chip and versions of a report. */
    public Order vcek(KeyPair key, byte[] report) {
        return endorsement("SEV-VCEK", key, "SEV-" + product.amdName(), askKey.getPrivate(), report)
                .octets("1.3.6.1.4.1.3704.1.4", chipId(report));
    }

    /** The certificate of a loaded key, for the versions of a report. */
    public Order vlek(KeyPair key, byte[] report) {
        return endorsement("SEV-VLEK", key, "SEV-VLEK-" + product.amdName(), asvkKey.getPrivate(), report);
    }

    private byte[] chipId(byte[] report) {
        byte[] chip = new byte[product == SnpProduct.TURIN ? 8 : 64];
        System.arraycopy(report, 0x1A0, chip, 0, chip.length);
        return chip;
    }

    private Order endorsement(String name, KeyPair key, String issuer, PrivateKey issuerKey, byte[] report) {
        boolean turin = product == SnpProduct.TURIN;
        int at = turin ? 0x181 : 0x180;
        Order order = new Order(name, key, issuer, issuerKey)
                .version("1", report[at])
                .version("2", report[at + 1])
                .version("3", report[turin ? 0x183 : 0x186])
                .version("8", report[0x187]);
        return turin ? order.version("9", report[0x180]) : order;
    }

    /** A new key of P-384. */
    public static KeyPair endorsementKey() throws GeneralSecurityException {
        return ecKey("secp384r1");
    }

    static KeyPair ecKey(String curve) throws GeneralSecurityException {
        KeyPairGenerator ec = KeyPairGenerator.getInstance("EC");
        ec.initialize(new ECGenParameterSpec(curve));
        return ec.generateKeyPair();
    }

    /** An entry of a certificate table. */
    public static SnpCertificate entry(UUID kind, X509Certificate certificate) throws GeneralSecurityException {
        return new SnpCertificate(kind, certificate.getEncoded());
    }

    /** Signs a report's bytes in place. */
    public static SnpReport sign(byte[] report, PrivateKey key) throws Exception {
        Signature signer = Signature.getInstance("SHA384withECDSAinP1363Format");
        signer.initSign(key);
        signer.update(report, 0, SnpReport.SIGNED_SIZE);
        byte[] signature = signer.sign();
        for (int i = 0; i < 48; i++) {
            report[0x2A0 + i] = signature[47 - i];
            report[0x2E8 + i] = signature[95 - i];
        }
        return SnpReport.parse(report);
    }

    /** A certificate to be made, as AMD makes its own until it is ordered otherwise. */
    public static final class Order {
        private final String name;
        private final KeyPair key;
        private final Map<String, byte[]> raw = new LinkedHashMap<>();
        private final Map<String, ASN1Encodable> critical = new LinkedHashMap<>();
        private String issuer;
        private PrivateKey issuerKey;
        private String algorithm = PSS_SHA384;
        private Instant from = FROM;
        private Instant to = TO;

        Order(String name, KeyPair key, String issuer, PrivateKey issuerKey) {
            this.name = name;
            this.key = key;
            this.issuer = issuer;
            this.issuerKey = issuerKey;
        }

        Order authority() {
            critical(Extension.basicConstraints.getId(), new BasicConstraints(5));
            return critical(Extension.keyUsage.getId(), new KeyUsage(KeyUsage.keyCertSign));
        }

        Order critical(String oid, ASN1Encodable value) {
            critical.put(oid, value);
            return this;
        }

        Order without(String oid) {
            critical.remove(oid);
            raw.remove(oid);
            return this;
        }

        Order octets(String oid, byte[] value) {
            raw.put(oid, value);
            return this;
        }

        Order version(String part, int value) {
            try {
                return octets("1.3.6.1.4.1.3704.1.3." + part, new ASN1Integer(value & 0xFF).getEncoded());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        Order issuedBy(String otherIssuer, PrivateKey otherKey) {
            issuer = otherIssuer;
            issuerKey = otherKey;
            return this;
        }

        Order algorithm(String other) {
            algorithm = other;
            return this;
        }

        Order valid(Instant notBefore, Instant notAfter) {
            from = notBefore;
            to = notAfter;
            return this;
        }

        /** The certificate. */
        public X509Certificate sign() throws GeneralSecurityException {
            try {
                JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                        name(issuer), BigInteger.ZERO, Date.from(from), Date.from(to), name(name), key.getPublic());
                for (var extension : critical.entrySet()) {
                    builder.addExtension(new ASN1ObjectIdentifier(extension.getKey()), true, extension.getValue());
                }
                for (var extension : raw.entrySet()) {
                    builder.addExtension(new ASN1ObjectIdentifier(extension.getKey()), false, extension.getValue());
                }
                byte[] encoded = builder.build(new JcaContentSignerBuilder(algorithm)
                                .setProvider(BC)
                                .build(issuerKey))
                        .getEncoded();
                return (X509Certificate)
                        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(encoded));
            } catch (IOException | OperatorCreationException e) {
                throw new GeneralSecurityException(e);
            }
        }

        private static X500Name name(String commonName) {
            return new X500Name("OU=Engineering,C=US,L=Santa Clara,ST=CA,O=Advanced Micro Devices,CN=" + commonName);
        }
    }
}
