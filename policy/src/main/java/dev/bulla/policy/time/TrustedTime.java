package dev.bulla.policy.time;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What time it can be. The host sets the guest's clock, backward to revive what has expired, forward to refuse what has
 * not; so beside the clock stands a floor, before which it cannot be: the latest of the instants that somebody trusted has
 * vouched for, the build first.
 *
 * <p>Safe for use by several threads; the floor only rises.
 *
 * <p><b>Security.</b> {@link #raise} is for verified times only: the issue time of a policy that passed, the answer of a
 * pinned KBS, a timestamp whose whole chain verified under the policy's roots. Never an image's {@code created}, never a
 * {@code Date} header. A time of more than {@link #MAX_RISE} after the build is refused, so that one bad witness cannot
 * shut a guest off for good.
 */
public final class TrustedTime {
    /** How far over the build the floor can rise: ten years. */
    public static final Duration MAX_RISE = Duration.ofDays(3653);

    private final Instant build;
    private final InstantSource hostClock;
    private final AtomicReference<Instant> floor;

    /**
     * Time with the build as its floor.
     *
     * @param build when this program was built, or its youngest source
     * @param hostClock the clock, which the host sets
     */
    public TrustedTime(Instant build, InstantSource hostClock) {
        this(build, hostClock, new AtomicReference<>(build));
    }

    private TrustedTime(Instant build, InstantSource hostClock, AtomicReference<Instant> floor) {
        this.build = requireNonNull(build, "build is null");
        this.hostClock = requireNonNull(hostClock, "hostClock is null");
        this.floor = requireNonNull(floor, "floor is null");
    }

    /**
     * A view of this time in which the host's clock is not asked: {@link #now} is the floor. The floor is the same one.
     */
    public TrustedTime byFloor() {
        return new TrustedTime(build, () -> Instant.MIN, floor);
    }

    /**
     * A view of this time in which it is not before {@code known} either, whatever the clock and the floor say. The floor is the
     * same one, and stays where it is.
     */
    public TrustedTime notBefore(Instant known) {
        return new TrustedTime(
                build,
                () -> {
                    Instant host = hostClock.instant();
                    return host.isBefore(known) ? known : host;
                },
                floor);
    }

    /** Before this it cannot be. */
    public Instant floor() {
        return floor.get();
    }

    /** The host's clock, or the floor where that is later. */
    public Instant now() {
        Instant host = hostClock.instant();
        Instant trusted = floor.get();
        return host.isBefore(trusted) ? trusted : host;
    }

    /**
     * Raises the floor to a verified time; an earlier one changes nothing.
     *
     * @param verified the time
     * @param witness who vouches for it, for the message
     * @throws TimeRefusedException when it lies too far after the build
     */
    public void raise(Instant verified, String witness) throws TimeRefusedException {
        if (verified.isAfter(build.plus(MAX_RISE))) {
            throw new TimeRefusedException("the time " + verified + " of " + witness + " lies more than "
                    + MAX_RISE.toDays() + " days after the build of " + build);
        }
        floor.accumulateAndGet(verified, (known, raised) -> raised.isAfter(known) ? raised : known);
    }
}
