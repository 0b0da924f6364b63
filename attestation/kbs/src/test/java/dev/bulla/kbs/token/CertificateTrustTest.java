package dev.bulla.kbs.token;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.protocol.KbsProtocolException;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class CertificateTrustTest {
    private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");
    private static final Duration DAY = Duration.ofDays(1);

    private final KeyPair rootKey = keyPair();
    private final KeyPair middleKey = keyPair();
    private final KeyPair leafKey = keyPair();
    private final X509Certificate root = certificate("CN=root", rootKey, "CN=root", rootKey, true, 1, NOW.plus(DAY));
    private final X509Certificate middle =
            certificate("CN=middle", middleKey, "CN=root", rootKey, true, 2, NOW.plus(DAY));
    private final X509Certificate leaf =
            certificate("CN=leaf", leafKey, "CN=middle", middleKey, false, 3, NOW.plus(DAY));

    private static KeyPair keyPair() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            return generator.generateKeyPair();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static X509Certificate certificate(
            String subject,
            KeyPair key,
            String issuer,
            KeyPair issuerKey,
            boolean authority,
            int serial,
            Instant notAfter) {
        try {
            byte[] der = new JcaX509v3CertificateBuilder(
                            new X500Name(issuer),
                            BigInteger.valueOf(serial),
                            Date.from(NOW.minus(DAY)),
                            Date.from(notAfter),
                            new X500Name(subject),
                            key.getPublic())
                    .addExtension(Extension.basicConstraints, true, new BasicConstraints(authority))
                    .build(new JcaContentSignerBuilder("SHA256withECDSA").build(issuerKey.getPrivate()))
                    .getEncoded();
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private VerificationKey shown(X509Certificate... chain) {
        return new VerificationKey(Optional.empty(), leafKey.getPublic(), List.of(chain), "thumbprint");
    }

    private CertificateTrust trust(X509Certificate... trusted) throws Exception {
        return new CertificateTrust(List.of(trusted), InstantSource.fixed(NOW));
    }

    private static void refused(CertificateTrust trust, VerificationKey key) {
        assertThatThrownBy(() -> trust.requireEndorsed(key))
                .isInstanceOf(KbsProtocolException.class)
                .hasMessage("JWK: its certificates lead to no trusted root");
    }

    @Test
    void requireEndorsed_chainInAnyOrder_passes() throws Exception {
        CertificateTrust trusting = trust(root);
        assertThatCode(() -> trusting.requireEndorsed(shown(leaf, middle))).doesNotThrowAnyException();
        assertThatCode(() -> trusting.requireEndorsed(shown(leaf, root, middle)))
                .doesNotThrowAnyException();
    }

    @Test
    void requireEndorsed_trustedIntermediate_helps() throws Exception {
        CertificateTrust trusting = trust(middle, root);
        assertThatCode(() -> trusting.requireEndorsed(shown(leaf))).doesNotThrowAnyException();
        refused(trust(root), shown(leaf));
    }

    @Test
    void requireEndorsed_issuerInTwoCertificates_takesTheOneThatLeadsThere() throws Exception {
        KeyPair foreign = keyPair();
        X509Certificate crossSigned =
                certificate("CN=middle", middleKey, "CN=foreign", foreign, true, 4, NOW.plus(DAY));
        CertificateTrust trusting = trust(root);
        assertThatCode(() -> trusting.requireEndorsed(shown(leaf, crossSigned, middle)))
                .doesNotThrowAnyException();
    }

    @Test
    void requireEndorsed_foreignRoot_refused() throws Exception {
        KeyPair foreign = keyPair();
        refused(
                trust(certificate("CN=root", foreign, "CN=root", foreign, true, 1, NOW.plus(DAY))),
                shown(leaf, middle));
    }

    @Test
    void requireEndorsed_issuerThatIsNoAuthority_refused() throws Exception {
        X509Certificate wrong = certificate("CN=middle", middleKey, "CN=root", rootKey, false, 2, NOW.plus(DAY));
        refused(trust(root), shown(leaf, wrong));
    }

    @Test
    void requireEndorsed_expired_refused() throws Exception {
        X509Certificate old = certificate("CN=middle", middleKey, "CN=root", rootKey, true, 2, NOW.minusSeconds(1));
        refused(trust(root), shown(leaf, old));
        X509Certificate oldRoot = certificate("CN=root", rootKey, "CN=root", rootKey, true, 1, NOW.minusSeconds(1));
        refused(trust(oldRoot), shown(leaf, middle));
    }

    /** Certificates that can each stand for every other, in more orders than can be tried. */
    @Test
    @Timeout(60)
    void requireEndorsed_interchangeableIssuers_refused() throws Exception {
        List<X509Certificate> chain =
                new ArrayList<>(List.of(certificate("CN=leaf", leafKey, "CN=a", middleKey, false, 1, NOW.plus(DAY))));
        for (int i = 1; i < VerificationKey.MAX_CERTIFICATES; i++) {
            chain.add(certificate(
                    "CN=a",
                    middleKey,
                    "CN=a",
                    middleKey,
                    true,
                    1 + i,
                    NOW.plus(DAY).plusSeconds(i)));
        }
        refused(trust(root), shown(chain.toArray(X509Certificate[]::new)));
    }
}
