package dev.bulla.registry;

import java.time.Duration;

/**
 * How long a registry may take.
 *
 * @param connect until a TCP connection stands
 * @param answer between any two bytes of a handshake, an answer or an upload; and, with {@code connect}, from the start
 *     of a request to the end of the answer's headers
 * @param window the time over which a body must move at least {@code leastBytes}; time that the reader of the body takes
 *     for itself does not count
 * @param leastBytes the least that a body moves in a window
 */
public record Timeouts(Duration connect, Duration answer, Duration window, long leastBytes) {

    /** 10 s to connect, 30 s to answer, and 1 KiB/s over any 30 s. */
    public static final Timeouts DEFAULT =
            new Timeouts(Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofSeconds(30), 30 * 1024L);

    public Timeouts {
        for (Duration duration : new Duration[] {connect, answer, window}) {
            if (duration.toMillis() < 1 || duration.toMillis() > Integer.MAX_VALUE) {
                throw new IllegalArgumentException("not from a millisecond to 24 days: " + duration);
            }
        }
        if (leastBytes < 0) {
            throw new IllegalArgumentException("leastBytes is negative: " + leastBytes);
        }
    }
}
