package dev.bulla.policy.time;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Instant;
import org.junit.jupiter.api.Test;

class TrustedTimeTest {
    private static final Instant BUILD = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant LATER = Instant.parse("2026-06-01T00:00:00Z");
    private static final Instant FAR = Instant.parse("2100-01-01T00:00:00Z");

    private static TrustedTime at(Instant hostClock) {
        return new TrustedTime(BUILD, () -> hostClock);
    }

    @Test
    void now_hostClockBeforeTheFloor_theFloor() {
        assertThat(at(Instant.EPOCH).now()).isEqualTo(BUILD);
    }

    @Test
    void now_hostClockAfterTheFloor_theHostClock() {
        assertThat(at(FAR).now()).isEqualTo(FAR);
    }

    @Test
    void raise_laterThenEarlier_onlyRises() throws Exception {
        TrustedTime time = at(Instant.EPOCH);
        time.raise(LATER, "a witness");
        time.raise(BUILD, "a witness");
        assertThat(time.floor()).isEqualTo(LATER);
        assertThat(time.now()).isEqualTo(LATER);
    }

    @Test
    void raise_atTheLimit_taken() throws Exception {
        TrustedTime time = at(Instant.EPOCH);
        time.raise(BUILD.plus(TrustedTime.MAX_RISE), "a witness");
        assertThat(time.floor()).isEqualTo(BUILD.plus(TrustedTime.MAX_RISE));
    }

    @Test
    void raise_overTheLimit_refused() throws Exception {
        TrustedTime time = at(Instant.EPOCH);
        time.raise(LATER, "a witness");
        // From the build, not from where the floor is: small steps lead no further.
        Instant over = BUILD.plus(TrustedTime.MAX_RISE).plusNanos(1);
        assertThatExceptionOfType(TimeRefusedException.class)
                .isThrownBy(() -> time.raise(over, "a witness"))
                .withMessageContaining("of a witness lies more than 3653 days after the build of 2026-01-01T00:00:00Z");
        assertThat(time.floor()).isEqualTo(LATER);
    }

    @Test
    void notBefore_known_clockAndFloorNoEarlier() throws Exception {
        TrustedTime time = at(Instant.EPOCH);
        TrustedTime view = time.notBefore(LATER);
        assertThat(view.now()).isEqualTo(LATER);
        assertThat(time.floor()).isEqualTo(BUILD);
        assertThat(at(FAR).notBefore(LATER).now()).isEqualTo(FAR);
        assertThat(at(FAR).notBefore(LATER).byFloor().now()).isEqualTo(BUILD);
        assertThat(at(FAR).byFloor().notBefore(LATER).now()).isEqualTo(LATER);
        time.raise(LATER.plusSeconds(1), "a witness");
        assertThat(view.now()).isEqualTo(LATER.plusSeconds(1));
    }

    @Test
    void byFloor_hostClockFarAhead_theFloorAlone() {
        assertThat(at(FAR).byFloor().now()).isEqualTo(BUILD);
    }

    @Test
    void byFloor_raisedOnEitherSide_oneFloor() throws Exception {
        TrustedTime time = at(FAR);
        TrustedTime view = time.byFloor();
        view.raise(LATER, "a witness");
        assertThat(time.floor()).isEqualTo(LATER);
        time.raise(LATER.plusSeconds(1), "a witness");
        assertThat(view.now()).isEqualTo(LATER.plusSeconds(1));
    }
}
