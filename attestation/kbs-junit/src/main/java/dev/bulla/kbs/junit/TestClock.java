package dev.bulla.kbs.junit;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;

/** A clock that stands until a test moves it. */
public final class TestClock implements InstantSource {
    private final AtomicReference<Instant> now;

    /** A clock that stands at that time. */
    public TestClock(Instant start) {
        now = new AtomicReference<>(requireNonNull(start, "start is null"));
    }

    @Override
    public Instant instant() {
        return now.get();
    }

    /** Moves it on. */
    public void advance(Duration duration) {
        now.updateAndGet(time -> time.plus(duration));
    }

    /** Sets it, back too. */
    public void set(Instant time) {
        now.set(requireNonNull(time, "time is null"));
    }

    @Override
    public String toString() {
        return now.toString();
    }
}
