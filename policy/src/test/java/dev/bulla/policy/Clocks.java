package dev.bulla.policy;

import dev.bulla.policy.time.TrustedTime;
import java.time.Instant;

/** What time it can be in tests. */
final class Clocks {
    /** A build of early 2026 and a clock that is right. */
    static final Instant BUILD = Instant.parse("2026-01-01T00:00:00Z");

    static final Instant NOW = Instant.parse("2026-11-01T00:00:00Z");

    private Clocks() {}

    static TrustedTime now() {
        return at(NOW);
    }

    /** A guest whose host says that it is then. */
    static TrustedTime at(Instant hostClock) {
        return new TrustedTime(BUILD, () -> hostClock);
    }
}
