package dev.bulla.attestation.client;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.bulla.attestation.protocol.ResourceUri;
import dev.bulla.oci.Digest;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Which keys the KBS has released to whom, so that what they once opened may be used again for a time.
 *
 * <p>An authorisation is for one key, under one policy, to one pod. It is good for the time that is set, or for as long as the
 * session lasts under which it was given; after that the KBS is asked again.
 *
 * <p><b>Security.</b> No key is kept: the one that is fetched to ask again is wiped at once. When the KBS refuses or cannot
 * be reached there is no authorisation, and what was remembered is forgotten. A clock that was set back ends them all.
 */
public final class KeyAuthorisations {
    /** How many are remembered; the one least recently given goes first. */
    public static final int MAX_REMEMBERED = 4096;

    /** The longest key. */
    public static final int MAX_KEY = 4096;

    private final KbsClient client;
    private final Optional<Duration> reauthoriseAfter;
    private final InstantSource time;
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private final Map<Subject, Given> given = new LinkedHashMap<>();

    /** What an authorisation is for. */
    private record Subject(ResourceUri key, Digest policy, String pod) {}

    /** When an authorisation was given, and under which session. */
    private record Given(Instant at, long session) {}

    /**
     * Authorisations by this client's KBS; none yet.
     *
     * @param reauthoriseAfter how long one is good ({@code key_reauthorise_after}); empty for the session's remaining life
     * @param time the guest's clock
     */
    public KeyAuthorisations(KbsClient client, Optional<Duration> reauthoriseAfter, InstantSource time) {
        this.client = requireNonNull(client, "client is null");
        this.reauthoriseAfter = requireNonNull(reauthoriseAfter, "reauthoriseAfter is null");
        this.time = requireNonNull(time, "time is null");
        if (reauthoriseAfter.filter(Duration::isNegative).isPresent()) {
            throw new IllegalArgumentException("reauthoriseAfter is negative");
        }
    }

    /**
     * Returns when the key may be used: at once where it was authorised lately, else after the KBS released it now.
     *
     * @param key which key
     * @param policy the digest of the policy under which it is used
     * @param pod for whom
     * @throws AttestationException when the KBS does not release it, or cannot be asked; the subclass says why
     */
    public void authorise(ResourceUri key, Digest policy, String pod) throws AttestationException {
        Subject subject = new Subject(key, policy, pod);
        if (isGood(subject)) {
            return;
        }
        KbsClient.Released released;
        try {
            released = client.release(key, MAX_KEY);
        } catch (AttestationException | RuntimeException e) {
            forget(subject);
            throw e;
        }
        Arrays.fill(released.content(), (byte) 0);
        // Not whichever session stands by now: it may be one that the KBS would refuse.
        remember(subject, released.session());
    }

    /** Remembers that the KBS released the key now, to whoever fetched it otherwise. */
    public void released(ResourceUri key, Digest policy, String pod) {
        remember(
                new Subject(key, policy, pod),
                client.standing().map(KbsSession::number).orElse(0L));
    }

    private boolean isGood(Subject subject) {
        lock.lock();
        try {
            Given last = given.get(subject);
            if (last == null) {
                return false;
            }
            Instant now = time.instant();
            if (now.isBefore(last.at)) {
                given.clear();
                return false;
            }
            return reauthoriseAfter.isPresent()
                    ? now.isBefore(last.at.plus(reauthoriseAfter.get()))
                    : client.standing()
                            .filter(session -> session.number() == last.session)
                            .isPresent();
        } finally {
            lock.unlock();
        }
    }

    private void remember(Subject subject, long session) {
        lock.lock();
        try {
            given.remove(subject);
            given.put(subject, new Given(time.instant(), session));
            if (given.size() > MAX_REMEMBERED) {
                given.remove(given.keySet().iterator().next());
            }
        } finally {
            lock.unlock();
        }
    }

    private void forget(Subject subject) {
        lock.lock();
        try {
            given.remove(subject);
        } finally {
            lock.unlock();
        }
    }
}
