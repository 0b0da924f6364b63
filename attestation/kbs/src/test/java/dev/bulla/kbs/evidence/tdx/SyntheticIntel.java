package dev.bulla.kbs.evidence.tdx;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1Boolean;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1Enumerated;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLNumber;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * An Intel of our own: a root, the CAs and certificates under it, quotes of a platform, and collateral. Everything is as the real
 * one has it but the keys.
 */
final class SyntheticIntel {
    static final Instant NOW = Instant.parse("2026-06-01T00:00:00Z");
    static final String FMSPC = "00a06d080000";
    static final X500Principal ROOT =
            new X500Principal("C=US, ST=CA, L=Santa Clara, O=Intel Corporation, CN=Intel SGX Root CA");

    private static final String SGX = "1.2.840.113741.1.13.1";
    private static final Duration YEAR = Duration.ofDays(365);

    final KeyPair rootKey = keyPair();
    final KeyPair caKey = keyPair();
    final KeyPair pckKey = keyPair();
    final KeyPair signingKey = keyPair();
    final X509Certificate root = issue(c -> c.ca(1), ROOT, rootKey, ROOT, rootKey);
    final X509Certificate ca = issue(c -> c.ca(0), IntelRoot.PCK_PLATFORM_CA, caKey, ROOT, rootKey);
    final X509Certificate pck = pck(c -> {});
    final X509Certificate tcbSigning = issue(c -> {}, IntelRoot.TCB_SIGNING, signingKey, ROOT, rootKey);

    /** What may differ in a certificate. */
    static final class Profile {
        Instant notBefore = NOW.minus(YEAR);
        Instant notAfter = NOW.plus(YEAR);
        int pathLength = -1;
        int usage = KeyUsage.digitalSignature | KeyUsage.nonRepudiation;
        Optional<byte[]> sgx = Optional.empty();
        BigInteger serial = BigInteger.valueOf(4711);

        void ca(int length) {
            pathLength = length;
            usage = KeyUsage.keyCertSign | KeyUsage.cRLSign;
        }
    }

    static KeyPair keyPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    X509Certificate pck(Consumer<Profile> changes) {
        return issue(
                c -> {
                    c.sgx = Optional.of(sgxExtension(3, 11));
                    changes.accept(c);
                },
                IntelRoot.PCK,
                pckKey,
                IntelRoot.PCK_PLATFORM_CA,
                caKey);
    }

    static X509Certificate issue(
            Consumer<Profile> changes, X500Principal subject, KeyPair key, X500Principal issuer, KeyPair issuerKey) {
        Profile profile = new Profile();
        changes.accept(profile);
        try {
            X509v3CertificateBuilder builder = new X509v3CertificateBuilder(
                    X500Name.getInstance(issuer.getEncoded()),
                    profile.serial,
                    Date.from(profile.notBefore),
                    Date.from(profile.notAfter),
                    X500Name.getInstance(subject.getEncoded()),
                    SubjectPublicKeyInfo.getInstance(key.getPublic().getEncoded()));
            builder.addExtension(
                    Extension.basicConstraints,
                    true,
                    profile.pathLength < 0 ? new BasicConstraints(false) : new BasicConstraints(profile.pathLength));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(profile.usage));
            if (profile.sgx.isPresent()) {
                builder.addExtension(new ASN1ObjectIdentifier(SGX), false, profile.sgx.get());
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(
                            new JcaContentSignerBuilder("SHA256withECDSA").build(issuerKey.getPrivate())));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** The extension of a PCK certificate whose every component has this security version. */
    static byte[] sgxExtension(int svn, int pceSvn) {
        ASN1Encodable[] tcb = new ASN1Encodable[18];
        for (int i = 0; i < 16; i++) {
            tcb[i] = pair("2." + (i + 1), new ASN1Integer(svn));
        }
        tcb[16] = pair("2.17", new ASN1Integer(pceSvn));
        tcb[17] = pair("2.18", new DEROctetString(new byte[16]));
        return encoded(new DERSequence(new ASN1Encodable[] {
            pair("1", new DEROctetString(HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f"))),
            pair("2", new DERSequence(tcb)),
            pair("3", new DEROctetString(new byte[2])),
            pair("4", new DEROctetString(HexFormat.of().parseHex(FMSPC))),
            pair("5", new ASN1Enumerated(1)),
            pair("6", new DEROctetString(HexFormat.of().parseHex("f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"))),
            pair("7", new DERSequence(new ASN1Encodable[] {
                pair("7.1", ASN1Boolean.TRUE), pair("7.2", ASN1Boolean.FALSE), pair("7.3", ASN1Boolean.TRUE)
            }))
        }));
    }

    static DERSequence pair(String suffix, ASN1Encodable value) {
        return new DERSequence(new ASN1Encodable[] {new ASN1ObjectIdentifier(SGX + "." + suffix), value});
    }

    static byte[] encoded(ASN1Encodable value) {
        try {
            return value.toASN1Primitive().getEncoded("DER");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] pem(X509Certificate... certificates) {
        ByteArrayOutputStream pem = new ByteArrayOutputStream();
        for (X509Certificate certificate : certificates) {
            try {
                pem.writeBytes(pem(certificate.getEncoded()));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }
        return pem.toByteArray();
    }

    static byte[] pem(byte[] der) {
        return ("-----BEGIN CERTIFICATE-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                        + "\n-----END CERTIFICATE-----\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** A list that revokes these, valid about {@link #NOW} as far as {@code age} says. */
    static byte[] crl(X500Principal issuer, KeyPair key, Instant issued, Instant next, X509Certificate... revoked) {
        try {
            X509v2CRLBuilder builder =
                    new X509v2CRLBuilder(X500Name.getInstance(issuer.getEncoded()), Date.from(issued));
            builder.setNextUpdate(Date.from(next));
            builder.addExtension(Extension.cRLNumber, false, new CRLNumber(BigInteger.valueOf(7)));
            for (X509Certificate certificate : revoked) {
                builder.addCRLEntry(certificate.getSerialNumber(), Date.from(issued), 0);
            }
            return builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key.getPrivate()))
                    .getEncoded();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    static byte[] sign(KeyPair key, byte[] bytes) {
        try {
            Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
            signature.initSign(key.getPrivate());
            signature.update(bytes);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static byte[] point(KeyPair key) {
        return Arrays.copyOfRange(P256.uncompressed((ECPublicKey) key.getPublic()), 1, 65);
    }

    /** A document as Intel signs it. */
    byte[] signed(String name, String json) {
        return signed(name, json, signingKey);
    }

    static byte[] signed(String name, String json, KeyPair key) {
        String signature = HexFormat.of().formatHex(sign(key, json.getBytes(StandardCharsets.UTF_8)));
        return ("{\"" + name + "\":" + json + ",\"signature\":\"" + signature + "\"}").getBytes(StandardCharsets.UTF_8);
    }

    static final String TCB_INFO = """
            {"id":"TDX","version":3,"issueDate":"2026-05-20T00:00:00Z","nextUpdate":"2026-06-19T00:00:00Z",\
            "fmspc":"00A06D080000","pceId":"0000","tcbType":0,"tcbEvaluationDataNumber":18,\
            "tdxModule":{"mrsigner":"MRSIGNER","attributes":"0000000000000000","attributesMask":"FFFFFFFFFFFFFFFF"},\
            "tdxModuleIdentities":[{"id":"TDX_01","mrsigner":"MRSIGNER","attributes":"0000000000000000",\
            "attributesMask":"FFFFFFFFFFFFFFFF","tcbLevels":[\
            {"tcb":{"isvsvn":5},"tcbDate":"2025-03-13T00:00:00Z","tcbStatus":"UpToDate"},\
            {"tcb":{"isvsvn":2},"tcbDate":"2023-08-09T00:00:00Z","tcbStatus":"OutOfDate","advisoryIDs":["INTEL-SA-3"]},\
            {"tcb":{"isvsvn":1},"tcbDate":"2022-08-09T00:00:00Z","tcbStatus":"Revoked"}]}],\
            "tcbLevels":[\
            {"tcb":{"sgxtcbcomponents":SVN3,"pcesvn":11,"tdxtcbcomponents":TDX5},\
            "tcbDate":"2025-03-13T00:00:00Z","tcbStatus":"UpToDate"},\
            {"tcb":{"sgxtcbcomponents":SVN2,"pcesvn":10,"tdxtcbcomponents":TDX3},\
            "tcbDate":"2024-01-01T00:00:00Z","tcbStatus":"OutOfDateConfigurationNeeded","advisoryIDs":["INTEL-SA-1"]},\
            {"tcb":{"sgxtcbcomponents":SVN1,"pcesvn":1,"tdxtcbcomponents":TDX1},\
            "tcbDate":"2022-01-01T00:00:00Z","tcbStatus":"Revoked"}]}""".replace("MRSIGNER", "00".repeat(48))
            .replace("SVN3", svns(3, 3))
            .replace("SVN2", svns(2, 2))
            .replace("SVN1", svns(1, 1))
            .replace("TDX5", svns(5, 3))
            .replace("TDX3", svns(3, 2))
            .replace("TDX1", svns(1, 1));

    static final String QE_IDENTITY = """
            {"id":"TD_QE","version":2,"issueDate":"2026-05-21T00:00:00Z","nextUpdate":"2026-06-20T00:00:00Z",\
            "tcbEvaluationDataNumber":17,"miscselect":"00000000","miscselectMask":"FFFFFFFF",\
            "attributes":"11000000000000000000000000000000","attributesMask":"FBFFFFFFFFFFFFFF0000000000000000",\
            "mrsigner":"DC9E2A7C6F948F17474E34A7FC43ED030F7C1563F1BABDDF6340C82E0E54A8C5","isvprodid":2,\
            "tcbLevels":[{"tcb":{"isvsvn":4},"tcbDate":"2025-04-13T00:00:00Z","tcbStatus":"UpToDate"},\
            {"tcb":{"isvsvn":3},"tcbDate":"2024-04-13T00:00:00Z","tcbStatus":"OutOfDate","advisoryIDs":["INTEL-SA-2"]}]}""";

    /** Sixteen components: the first three, of which the second is zero as in a module of version 0, and thirteen zeros. */
    private static String svns(int first, int third) {
        return "[{\"svn\":" + first + "},{\"svn\":0},{\"svn\":" + third + "}" + ",{\"svn\":0}".repeat(13) + "]";
    }

    /** Collateral of these two documents, without lists. */
    TdxCollateral collateral(UnaryOperator<String> tcbInfo, UnaryOperator<String> qeIdentity) {
        return new TdxCollateral(
                signed("tcbInfo", tcbInfo.apply(TCB_INFO)),
                pem(tcbSigning, root),
                signed("enclaveIdentity", qeIdentity.apply(QE_IDENTITY)),
                pem(root, tcbSigning),
                Optional.empty(),
                Optional.empty());
    }

    List<X509Certificate> chain() {
        return List.of(pck, ca, root);
    }
}
