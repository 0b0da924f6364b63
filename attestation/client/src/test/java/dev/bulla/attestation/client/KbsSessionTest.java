package dev.bulla.attestation.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.attestation.protocol.TeeKeyAlgorithm;
import dev.bulla.attestation.protocol.TeeKeyPair;
import dev.bulla.attestation.protocol.TokenAnswer;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KbsSessionTest {

    @ParameterizedTest
    @CsvSource({
        "300, 0,   true",
        "300, 269, true",
        "300, 270, false",
        "300, -1,  false",
        "60,  29,  true",
        "60,  30,  false",
        "10,  4,   true",
        "10,  5,   false",
        "0,   0,   false",
    })
    void usableAt_age_isJudgedByLifetimeAndMargin(int lifetime, int age, boolean usable) {
        Instant begun = Instant.parse("2026-11-20T12:00:00Z");
        try (TeeKeyPair key = TeeKeyPair.generate(TeeKeyAlgorithm.EC_P256, new SecureRandom())) {
            KbsSession session = new KbsSession(
                    1,
                    key,
                    Optional.of(new SessionCookies()),
                    new TokenAnswer("hidden"),
                    begun,
                    Duration.ofSeconds(lifetime));
            assertThat(session.usableAt(begun.plusSeconds(age))).isEqualTo(usable);
            assertThat(session.toString()).doesNotContain("hidden");
        }
    }
}
