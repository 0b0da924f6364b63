package dev.bulla.kbs;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * What a KBS takes at most. The defaults are far above what 200 guests that do nothing but attest ask of it.
 *
 * @param bodyLength the longest body of a request, in bytes
 * @param sessions how many sessions there may be; when there are more, the oldest that was answered goes, and with none a
 *     challenge is refused
 * @param challengesPerAddress how many unanswered challenges an address may have
 * @param authPerSecond how many challenges an address may ask for in a second, over time
 * @param authBurst and at once
 * @param closing how long {@link EmbeddedKbs#close} waits for requests that are being answered
 */
public record KbsLimits(
        int bodyLength, int sessions, int challengesPerAddress, int authPerSecond, int authBurst, Duration closing) {

    /** The default limits. */
    public static final KbsLimits DEFAULT =
            new KbsLimits(2 * 1024 * 1024, 16_384, 4096, 5000, 10_000, Duration.ofSeconds(2));

    public KbsLimits {
        if (bodyLength < 1 || sessions < 1 || challengesPerAddress < 1 || authPerSecond < 1 || authBurst < 1) {
            throw new IllegalArgumentException("a limit below 1");
        }
        requireNonNull(closing, "closing is null");
    }

    /** These limits with another for bodies, in bytes. */
    public KbsLimits withBodyLength(int length) {
        return new KbsLimits(length, sessions, challengesPerAddress, authPerSecond, authBurst, closing);
    }

    /** These limits with others for {@code /auth}. */
    public KbsLimits withAuth(int perSecond, int burst) {
        return new KbsLimits(bodyLength, sessions, challengesPerAddress, perSecond, burst, closing);
    }

    /** These limits with others for sessions. */
    public KbsLimits withSessions(int most, int mostChallengesPerAddress) {
        return new KbsLimits(bodyLength, most, mostChallengesPerAddress, authPerSecond, authBurst, closing);
    }
}
