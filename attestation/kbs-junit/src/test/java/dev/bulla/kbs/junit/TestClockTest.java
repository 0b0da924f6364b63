package dev.bulla.kbs.junit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class TestClockTest {
    private static final Instant START = Instant.parse("2026-11-21T00:00:00Z");

    @Test
    void instant_unmoved_stands() {
        TestClock clock = new TestClock(START);
        assertThat(clock.instant()).isEqualTo(START);
        assertThat(clock.instant()).isEqualTo(START);
        assertThat(clock).hasToString("2026-11-21T00:00:00Z");
    }

    @Test
    void advanceAndSet_moveItBothWays() {
        TestClock clock = new TestClock(START);
        clock.advance(Duration.ofMinutes(5));
        assertThat(clock.instant()).isEqualTo(Instant.parse("2026-11-21T00:05:00Z"));
        clock.advance(Duration.ofMinutes(-10));
        assertThat(clock.instant()).isEqualTo(Instant.parse("2026-11-20T23:55:00Z"));
        clock.set(START);
        assertThat(clock.instant()).isEqualTo(START);
    }
}
