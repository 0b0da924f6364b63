package dev.bulla.registry;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * When a request is tried again, and the time by which that is counted.
 *
 * @param clock the wall clock, for dates in headers
 * @param nanoTime the monotonic clock
 * @param sleeper how to wait
 */
record Pace(Clock clock, LongSupplier nanoTime, Sleeper sleeper) {

    /** How often a request is sent at most. */
    static final int ATTEMPTS = 3;

    /** The wait after the first try; each further one is twice as long. */
    static final Duration FIRST_WAIT = Duration.ofMillis(500);

    /** The longest wait that a registry can ask for. */
    static final Duration MAX_WAIT = Duration.ofSeconds(60);

    /** Waits. */
    @FunctionalInterface
    interface Sleeper {
        void sleep(Duration duration) throws InterruptedException;
    }

    /** One try of a request. */
    @FunctionalInterface
    interface Attempt {
        Answer send() throws RegistryException;
    }

    static Pace of(Clock clock) {
        return new Pace(clock, System::nanoTime, Thread::sleep);
    }

    /**
     * Sends a request that may be sent again, and sends it again while the registry says that it cannot now (429, 5xx) or
     * the connection breaks. The last answer is given whatever it says; the last failure is thrown.
     */
    Answer retry(Attempt attempt) throws RegistryException {
        for (int tries = 1; ; tries++) {
            Duration wait = FIRST_WAIT.multipliedBy(1L << (tries - 1));
            try {
                Answer answer = attempt.send();
                if (tries == ATTEMPTS || !isTransient(answer.status())) {
                    return answer;
                }
                wait = retryAfter(answer).orElse(wait);
                answer.close();
            } catch (UnreachableException e) {
                if (tries == ATTEMPTS || !e.connectionBroke()) {
                    throw e;
                }
            }
            pause(wait);
        }
    }

    static boolean isTransient(int status) {
        return status == 429 || status >= 500;
    }

    private void pause(Duration wait) throws UnreachableException {
        try {
            sleeper.sleep(wait);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnreachableException("interrupted while waiting to ask a registry again", e);
        }
    }

    /** What {@code Retry-After} asks for, from nothing to {@link #MAX_WAIT}; empty when it asks for nothing readable. */
    private Optional<Duration> retryAfter(Answer answer) {
        Optional<String> header = answer.header("Retry-After").map(String::strip);
        if (header.isEmpty()) {
            return Optional.empty();
        }
        Duration asked;
        if (header.get().matches("[0-9]{1,9}")) {
            asked = Duration.ofSeconds(Long.parseLong(header.get()));
        } else {
            try {
                asked = Duration.between(
                        clock.instant(),
                        ZonedDateTime.parse(
                                header.get(), DateTimeFormatter.RFC_1123_DATE_TIME.withLocale(Locale.ROOT)));
            } catch (DateTimeException e) {
                return Optional.empty();
            }
        }
        if (asked.isNegative()) {
            return Optional.of(Duration.ZERO);
        }
        return Optional.of(asked.compareTo(MAX_WAIT) > 0 ? MAX_WAIT : asked);
    }
}
