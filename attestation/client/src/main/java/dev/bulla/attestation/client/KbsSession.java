package dev.bulla.attestation.client;

import dev.bulla.attestation.protocol.TeeKeyPair;
import dev.bulla.attestation.protocol.TokenAnswer;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * One accepted attestation: the server's session, and the key to which it encrypts.
 *
 * @param number counts a client's sessions from 1
 * @param key the key made for this session
 * @param cookies the session's cookie; empty where the token itself is shown
 * @param token what the server gave for the evidence
 * @param begun when it was accepted, by our clock
 * @param lifetime how long the server keeps it
 */
record KbsSession(
        long number,
        TeeKeyPair key,
        Optional<SessionCookies> cookies,
        TokenAnswer token,
        Instant begun,
        Duration lifetime) {
    /** How long before its end a session is no longer begun anything with; of a short one, half its life. */
    static final Duration MARGIN = Duration.ofSeconds(30);

    /** Whether something may be asked under this session at that time. */
    boolean usableAt(Instant now) {
        if (cookies.isEmpty()) {
            return true; // there is no other; the KBS knows whether the token has ended
        }
        Duration margin = lifetime.compareTo(MARGIN.multipliedBy(2)) < 0 ? lifetime.dividedBy(2) : MARGIN;
        // A clock that was set back ends the session too: nobody knows how old it is.
        return !now.isBefore(begun) && now.isBefore(begun.plus(lifetime).minus(margin));
    }

    /** Without token and cookie. */
    @Override
    public String toString() {
        return "KbsSession[" + number + ", " + key + "]";
    }
}
