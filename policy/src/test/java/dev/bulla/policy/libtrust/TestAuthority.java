package dev.bulla.policy.libtrust;

import dev.bulla.policy.signature.SigningKey;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** An authority made in a test: a root, one certificate between, and the key that signs statements. */
public record TestAuthority(X509Certificate root, LibtrustSigning.Key key, List<X509Certificate> chain) {
    public static final Instant NOT_BEFORE = Instant.parse("2025-01-01T00:00:00Z");
    public static final Instant NOT_AFTER = Instant.parse("2035-01-01T00:00:00Z");

    /** What a leaf is for. */
    public record Use(Optional<KeyPurposeId> extended, int usage) {
        public static final Use SIGNATURES = new Use(Optional.empty(), KeyUsage.digitalSignature);
        public static final Use CODE = new Use(Optional.of(KeyPurposeId.id_kp_codeSigning), KeyUsage.digitalSignature);
        public static final Use SERVER = new Use(Optional.of(KeyPurposeId.id_kp_serverAuth), KeyUsage.digitalSignature);
        public static final Use ENCIPHERMENT = new Use(Optional.empty(), KeyUsage.keyEncipherment);
    }

    public static TestAuthority create() throws Exception {
        return create(Use.SIGNATURES, NOT_AFTER);
    }

    public static TestAuthority create(Use use, Instant notAfter) throws Exception {
        LibtrustSigning.Key rootKey = LibtrustSigning.Key.ec("secp256r1");
        LibtrustSigning.Key middleKey = LibtrustSigning.Key.ec("secp256r1");
        LibtrustSigning.Key key = LibtrustSigning.Key.ec("secp256r1");
        X509Certificate root = certificate("root", rootKey, "root", rootKey, true, use, NOT_AFTER);
        X509Certificate middle = certificate("middle", middleKey, "root", rootKey, true, use, NOT_AFTER);
        X509Certificate leaf = certificate("authority", key, "middle", middleKey, false, use, notAfter);
        return new TestAuthority(root, key, List.of(leaf, middle));
    }

    private static X509Certificate certificate(
            String name,
            LibtrustSigning.Key key,
            String issuer,
            LibtrustSigning.Key issuerKey,
            boolean ca,
            Use use,
            Instant notAfter)
            throws Exception {
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                new X500Principal("CN=" + issuer),
                BigInteger.valueOf(1L + Integer.toUnsignedLong(key.id().hashCode())),
                Date.from(NOT_BEFORE),
                Date.from(notAfter),
                new X500Principal("CN=" + name),
                key.pair().getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(ca));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(ca ? KeyUsage.keyCertSign : use.usage()));
        if (!ca && use.extended().isPresent()) {
            builder.addExtension(
                    Extension.extendedKeyUsage,
                    false,
                    new ExtendedKeyUsage(use.extended().get()));
        }
        return new JcaX509CertificateConverter()
                .getCertificate(
                        builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(issuerKey.secret())));
    }

    public List<X509Certificate> roots() {
        return List.of(root);
    }

    /** The root as policies have it: PEM in base64. */
    public String rootsData() throws Exception {
        return Base64.getEncoder().encodeToString(SigningKey.pem("CERTIFICATE", root.getEncoded()));
    }

    /** A statement of these lists, signed. */
    public byte[] statement(String version, String issuedAt, String expiration, String grants, String revocations)
            throws Exception {
        return sign("{\n   \"version\": " + version + ",\n   \"revocations\": [" + revocations + "],\n   \"grants\": ["
                + grants + "],\n   \"expiration\": \"" + expiration + "\",\n   \"issuedAt\": \"" + issuedAt + "\"\n}");
    }

    public byte[] statement(String... grants) throws Exception {
        return statement("1", "2026-06-01T00:00:00Z", "2030-01-01T00:00:00Z", String.join(",", grants), "");
    }

    public byte[] sign(String payload) throws Exception {
        return LibtrustSigning.of(payload).sign(key, chain).pretty();
    }

    public static String grant(String subject, int permission, String grantee) {
        return line(subject, "permission", permission, grantee);
    }

    public static String revocation(String subject, int revocation, String grantee) {
        return line(subject, "revocation", revocation, grantee);
    }

    private static String line(String subject, String member, int bits, String grantee) {
        return "{\"subject\":\"" + subject + "\",\"" + member + "\":" + bits + ",\"grantee\":\"" + grantee + "\"}";
    }

    public static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
