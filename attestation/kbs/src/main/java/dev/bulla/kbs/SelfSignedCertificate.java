package dev.bulla.kbs;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A TLS certificate for the loopback interface, made on the spot: EC P-256, for {@code localhost} and {@code 127.0.0.1},
 * valid for a week. It certifies itself, so whoever is to believe it must pin it.
 *
 * <p><b>Security.</b> Redacts its key.
 */
public final class SelfSignedCertificate {
    private static final Duration VALIDITY = Duration.ofDays(7);
    // Clocks of guests run behind.
    private static final Duration LEEWAY = Duration.ofHours(1);
    private static final int SERIAL_BITS = 120;
    private static final int PEM_LINE = 64;

    private final String certificatePem;
    private final String keyPem;

    private SelfSignedCertificate(String certificatePem, String keyPem) {
        this.certificatePem = certificatePem;
        this.keyPem = keyPem;
    }

    /** A new certificate. */
    public static SelfSignedCertificate make(InstantSource clock, SecureRandom random) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            KeyPair pair = generator.generateKeyPair();
            Instant now = clock.instant();
            X500Name name = new X500Name("CN=localhost");
            X509CertificateHolder certificate = new JcaX509v3CertificateBuilder(
                            name,
                            new BigInteger(SERIAL_BITS, random),
                            Date.from(now.minus(LEEWAY)),
                            Date.from(now.plus(VALIDITY)),
                            name,
                            pair.getPublic())
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
                    .addExtension(
                            Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))
                    .addExtension(Extension.subjectAlternativeName, false, new GeneralNames(new GeneralName[] {
                        new GeneralName(GeneralName.dNSName, "localhost"),
                        new GeneralName(GeneralName.iPAddress, "127.0.0.1")
                    }))
                    .build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()));
            return new SelfSignedCertificate(
                    pem("CERTIFICATE", certificate.getEncoded()),
                    pem("PRIVATE KEY", pair.getPrivate().getEncoded()));
        } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
            throw new IllegalStateException(e); // the algorithms are every JDK's, and nothing is read
        }
    }

    private static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(PEM_LINE, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + label
                + "-----\n";
    }

    /** The certificate in PEM. */
    public byte[] certificatePem() {
        return certificatePem.getBytes(StandardCharsets.US_ASCII);
    }

    /** Its key in PEM, PKCS#8. */
    public byte[] keyPem() {
        return keyPem.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public String toString() {
        return "SelfSignedCertificate[redacted]";
    }
}
