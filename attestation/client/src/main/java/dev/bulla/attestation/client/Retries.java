package dev.bulla.attestation.client;

import static java.util.Objects.requireNonNull;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Tries again what another try can help: a KBS that could not be reached or says that it is busy; never a refusal.
 *
 * <p>Pauses double and are shortened at random by up to a half, so that guests that failed together do not come back
 * together. What a busy server asks for is waited for, up to {@link #MAX_RETRY_AFTER}; a server that asks for more is not
 * asked again.
 *
 * @param time by which the deadline is told
 * @param pause how a pause is made
 * @param random what shortens pauses
 */
record Retries(InstantSource time, RetryPause pause, SecureRandom random) {
    /** How often a resource is asked for at most. */
    static final int MAX_GETS = 3;

    /** How often an attestation is begun at most. */
    static final int MAX_HANDSHAKES = 5;

    /** The longest pause before the first further try. */
    static final Duration FIRST_PAUSE = Duration.ofMillis(400);

    /** The longest pause that a server may ask for. */
    static final Duration MAX_RETRY_AFTER = Duration.ofSeconds(30);

    /** How long after the first try no other is begun. */
    static final Duration DEADLINE = Duration.ofMinutes(2);

    Retries {
        requireNonNull(time, "time is null");
        requireNonNull(pause, "pause is null");
        requireNonNull(random, "random is null");
    }

    /** One try. */
    @FunctionalInterface
    interface Step<T> {
        T run() throws AttestationException;
    }

    /** A count of tries that begins now. */
    Attempts begin(int most) {
        return new Attempts(most, time.instant());
    }

    /** The tries of one request. */
    final class Attempts {
        private final int most;
        private final Instant begun;
        private int made;

        private Attempts(int most, Instant begun) {
            this.most = most;
            this.begun = begun;
        }

        /** Whether another try is left. */
        boolean left() {
            return made < most;
        }

        /** Tries until it succeeds, fails for good, or no try is left; then its last failure is thrown. */
        <T> T run(Step<T> step) throws AttestationException {
            while (true) {
                made++;
                try {
                    return step.run();
                } catch (AttestationException e) {
                    Optional<Duration> wait = e.retryAfter().flatMap(this::pauseOf);
                    if (wait.isEmpty()) {
                        throw e;
                    }
                    sleep(wait.get(), e);
                }
            }
        }

        /** How long to wait before the next try, if there is to be one. */
        private Optional<Duration> pauseOf(Duration least) {
            if (!left() || least.compareTo(MAX_RETRY_AFTER) > 0) {
                return Optional.empty();
            }
            long longest = FIRST_PAUSE.toMillis() << (made - 1);
            Duration own = Duration.ofMillis(longest - random.nextLong(longest / 2 + 1));
            Duration wait = own.compareTo(least) < 0 ? least.plus(own) : own;
            Instant now = time.instant();
            // A clock that was set back ends it too: nobody knows how long it has been.
            boolean inTime = !now.isBefore(begun) && !now.plus(wait).isAfter(begun.plus(DEADLINE));
            return inTime ? Optional.of(wait) : Optional.empty();
        }

        private void sleep(Duration wait, AttestationException last) throws AttestationException {
            try {
                pause.sleep(wait);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                last.addSuppressed(e);
                throw last;
            }
        }
    }
}
