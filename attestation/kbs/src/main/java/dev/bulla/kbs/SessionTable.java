package dev.bulla.kbs;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.bulla.attestation.protocol.HashAlgorithm;
import dev.bulla.attestation.protocol.Tee;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The sessions of one KBS: so many at most, each for so long. When there are too many, the oldest goes whose answer was not
 * accepted, else the oldest that is attested: its guest attests again. With none of them a new one is refused.
 *
 * <p><b>Security.</b> So whoever answers challenges wrongly drives out no guest that is attested. The tokens of all sessions
 * together are bounded too, since a guest has a say in how long its token is.
 */
final class SessionTable {
    /** How long a session lasts from its challenge on, unless it is set otherwise. */
    static final Duration LIFETIME = Duration.ofMinutes(5);

    /** How many characters the tokens of all sessions may have together. */
    static final long MAX_TOKENS_LENGTH = 256L * 1024 * 1024;

    private static final int ID_LENGTH = 16;
    private static final int NONCE_LENGTH = 32;

    private final InstantSource time;
    private final SecureRandom random;
    private final Duration lifetime;
    private final int capacity;
    private final int challengesPerAddress;

    /** In the order of their end, since all last equally long. */
    @GuardedBy("this")
    private final Map<String, AttestationSession> sessions = new LinkedHashMap<>();

    /** How many unanswered challenges each address has. */
    @GuardedBy("this")
    private final Map<String, Integer> challenges = new HashMap<>();

    /** How many characters the tokens of the sessions have. */
    @GuardedBy("this")
    private long tokensLength;

    SessionTable(InstantSource time, SecureRandom random, Duration lifetime, int capacity, int challengesPerAddress) {
        this.time = time;
        this.random = random;
        this.lifetime = lifetime;
        this.capacity = capacity;
        this.challengesPerAddress = challengesPerAddress;
    }

    /** A new session with a new challenge, for a guest at this address. */
    synchronized AttestationSession begin(Tee tee, HashAlgorithm hash, String address) throws KbsRefusal {
        Instant now = time.instant();
        Iterator<AttestationSession> oldest = sessions.values().iterator();
        while (oldest.hasNext()) {
            AttestationSession session = oldest.next();
            if (now.isBefore(session.expiresAt())) {
                break;
            }
            oldest.remove();
            forget(session);
        }
        if (challenges.getOrDefault(address, 0) >= challengesPerAddress) {
            throw tooMany("unanswered challenges of this address", challengesPerAddress);
        }
        if (sessions.size() >= capacity) {
            AttestationSession leaving = oldest(session -> session.isAnswered() && !session.isAttested())
                    .or(() -> oldest(AttestationSession::isAttested))
                    .orElseThrow(() -> tooMany("sessions", capacity));
            sessions.remove(leaving.id());
            forget(leaving);
        }
        byte[] id = new byte[ID_LENGTH];
        random.nextBytes(id);
        byte[] nonce = new byte[NONCE_LENGTH];
        random.nextBytes(nonce);
        AttestationSession session = new AttestationSession(
                HexFormat.of().formatHex(id),
                tee,
                Base64.getEncoder().encodeToString(nonce),
                hash,
                address,
                now.plus(lifetime));
        sessions.put(session.id(), session);
        challenges.merge(address, 1, Integer::sum);
        return session;
    }

    @GuardedBy("this")
    private Optional<AttestationSession> oldest(Predicate<AttestationSession> which) {
        return sessions.values().stream().filter(which).findFirst();
    }

    private static KbsRefusal tooMany(String what, int limit) {
        return new KbsRefusal(ErrorVariant.TOO_MANY_REQUESTS, "too many " + what + ", limit " + limit);
    }

    /** The session of that cookie, if it is there and has not ended. */
    synchronized Optional<AttestationSession> find(String id) {
        return Optional.ofNullable(sessions.get(id))
                .filter(session -> time.instant().isBefore(session.expiresAt()));
    }

    /**
     * Uses up a session's challenge.
     *
     * @return as {@link AttestationSession#spend}
     */
    synchronized Optional<String> spend(AttestationSession session, byte[] answer) throws KbsRefusal {
        if (!session.isAnswered() && sessions.containsKey(session.id())) {
            countAnswered(session);
        }
        return session.spend(answer);
    }

    /** Accepts the answer that used up a session's challenge; where the tokens are too long, the oldest sessions with one go. */
    synchronized void accept(AttestationSession session, byte[] answer, String token) {
        session.accept(answer, token);
        if (!sessions.containsKey(session.id())) {
            return; // it ended meanwhile: its guest has the token, and no session
        }
        tokensLength += token.length();
        while (tokensLength > MAX_TOKENS_LENGTH) {
            AttestationSession leaving = oldest(AttestationSession::isAttested).orElseThrow();
            sessions.remove(leaving.id());
            forget(leaving);
        }
    }

    /** Drops the session of that cookie. */
    synchronized void drop(String id) {
        AttestationSession session = sessions.remove(id);
        if (session != null) {
            forget(session);
        }
    }

    @GuardedBy("this")
    private void forget(AttestationSession session) {
        if (!session.isAnswered()) {
            countAnswered(session);
        }
        tokensLength -= session.token().map(String::length).orElse(0);
    }

    @GuardedBy("this")
    private void countAnswered(AttestationSession session) {
        challenges.computeIfPresent(session.address(), (address, count) -> count > 1 ? count - 1 : null);
    }

    synchronized int size() {
        return sessions.size();
    }
}
