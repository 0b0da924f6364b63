package dev.bulla.kbs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import org.junit.jupiter.api.Test;

class SelfSignedCertificateTest {

    @Test
    void make_certificate_isForLoopbackAndCertifiesItself() throws Exception {
        Instant now = Instant.parse("2026-11-21T00:00:00Z");
        SelfSignedCertificate made = SelfSignedCertificate.make(InstantSource.fixed(now), new SecureRandom());

        X509Certificate certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(made.certificatePem()));
        certificate.verify(certificate.getPublicKey());
        certificate.checkValidity(Date.from(now));
        assertThat(certificate.getBasicConstraints()).isEqualTo(-1);
        assertThat(certificate.getSubjectAlternativeNames().stream().map(name -> name.get(1)))
                .map(Object::toString)
                .containsExactlyInAnyOrder("localhost", "127.0.0.1");
        assertThat(made.toString()).isEqualTo("SelfSignedCertificate[redacted]");
    }
}
