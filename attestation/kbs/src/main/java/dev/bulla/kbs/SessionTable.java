package dev.bulla.kbs;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.bulla.attestation.protocol.Tee;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The sessions of one KBS: so many at most, each for so long. */
final class SessionTable {
    /** How long a session lasts from its challenge on. */
    static final Duration LIFETIME = Duration.ofMinutes(5);

    /** How many sessions there may be at once. */
    static final int CAPACITY = 16_384;

    private static final int ID_LENGTH = 16;
    private static final int NONCE_LENGTH = 32;

    private final InstantSource time;
    private final SecureRandom random;
    private final int capacity;

    /** In the order of their end, since all last equally long. */
    @GuardedBy("this")
    private final Map<String, AttestationSession> sessions = new LinkedHashMap<>();

    SessionTable(InstantSource time, SecureRandom random, int capacity) {
        this.time = time;
        this.random = random;
        this.capacity = capacity;
    }

    /** A new session with a new challenge. */
    synchronized AttestationSession begin(Tee tee) throws KbsRefusal {
        Instant now = time.instant();
        Iterator<AttestationSession> oldest = sessions.values().iterator();
        while (oldest.hasNext() && !now.isBefore(oldest.next().expiresAt())) {
            oldest.remove();
        }
        if (sessions.size() >= capacity) {
            throw new KbsRefusal(
                    ErrorVariant.TOO_MANY_REQUESTS, "too many sessions: " + sessions.size() + ", limit " + capacity);
        }
        byte[] id = new byte[ID_LENGTH];
        random.nextBytes(id);
        byte[] nonce = new byte[NONCE_LENGTH];
        random.nextBytes(nonce);
        AttestationSession session = new AttestationSession(
                HexFormat.of().formatHex(id), tee, Base64.getEncoder().encodeToString(nonce), now.plus(LIFETIME));
        sessions.put(session.id(), session);
        return session;
    }

    /** The session of that cookie, if it is there and has not ended. */
    synchronized Optional<AttestationSession> find(String id) {
        return Optional.ofNullable(sessions.get(id))
                .filter(session -> time.instant().isBefore(session.expiresAt()));
    }

    synchronized int size() {
        return sessions.size();
    }
}
