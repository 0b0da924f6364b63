package dev.bulla.attestation.client;

import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.bulla.attestation.client.evidence.Attester;
import dev.bulla.attestation.protocol.CompactJws;
import dev.bulla.attestation.protocol.InitDataDocument;
import dev.bulla.attestation.protocol.JweException;
import dev.bulla.attestation.protocol.KbsJwe;
import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.attestation.protocol.ResourceUri;
import dev.bulla.attestation.protocol.Tee;
import dev.bulla.attestation.protocol.TeeKeyAlgorithm;
import dev.bulla.attestation.protocol.TeeKeyPair;
import dev.bulla.attestation.protocol.TokenAnswer;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/**
 * Gets resources from a KBS by RCAR 0.4.0, or by a token that somebody else has attested for.
 *
 * <p>The first fetch attests; its session then serves all, from whatever thread, until shortly before it ends. While one
 * thread attests the others wait for its outcome, good or bad. A fetch that a session older than itself is refused attests
 * anew once; that the KBS has no such resource is believed at once. So does the next fetch after something was measured into
 * a register that the KBS looks at ({@link Builder#reattestOnMeasure}).
 *
 * <p>A KBS that cannot be reached, or says by status 429, 502, 503 or 504 that it is busy, is asked up to 3 times for a
 * resource; an attestation is begun up to 5 times, each with a challenge of its own. Refusals are final.
 *
 * <p><b>Security.</b> Resources come encrypted to a key that is made for the session and leaves the process only where
 * {@link Builder#exportableKey} says so. Plain HTTP is refused unless {@link Builder#insecureHttp} names it; with pinned roots no other root counts. Redirects and
 * proxies are not followed; every body is bounded. {@link #channel} says what an answer is worth: attestation does not prove
 * the KBS to the guest.
 */
public final class KbsClient implements AutoCloseable, MeasurementWatch {
    /** How long a connection may take to stand. */
    public static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    /** How long a request may take as a whole. */
    public static final Duration CALL_TIMEOUT = Duration.ofSeconds(60);

    /** The largest resource that can be asked for. */
    public static final int MAX_RESOURCE = 64 * 1024 * 1024;

    private final KbsChannel channel;
    private final KbsTransport transport;
    private final SessionStart start;
    private final MeasuredRegisters watched;
    private final boolean exportable;
    private final Retries retries;
    private final InstantSource time;
    private final AtomicInteger attestations = new AtomicInteger();
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private long started;

    /** The first session whose evidence shows all that was measured. */
    @GuardedBy("lock")
    private long freshFrom;

    @GuardedBy("lock")
    private @Nullable KbsSession current;

    @GuardedBy("lock")
    private @Nullable CompletableFuture<KbsSession> flight;

    @GuardedBy("lock")
    private boolean closed;

    private KbsClient(
            KbsChannel channel,
            KbsTransport transport,
            SessionStart start,
            MeasuredRegisters watched,
            boolean exportable,
            Retries retries) {
        this.channel = channel;
        this.transport = transport;
        this.start = start;
        this.watched = watched;
        this.exportable = exportable;
        this.retries = retries;
        this.time = retries.time();
    }

    /** A builder of a client of the KBS at this URL that attests by this evidence. */
    public static Builder builder(URI url, Attester attester) {
        return new Builder(url, new Builder.ByEvidence(requireNonNull(attester, "attester is null")));
    }

    /**
     * A builder of a client of the KBS at this URL that shows a token instead of attesting: {@code Authorization: Bearer},
     * and no cookie. When the KBS does not accept the token, fetches are refused; there is no other.
     *
     * @param token an attestation token, which the KBS judges
     * @param key the key pair that the token speaks of; the client closes it
     * @throws KbsConfigurationException when the token is not a signed JWT
     */
    public static Builder passport(URI url, String token, TeeKeyPair key) throws KbsConfigurationException {
        try {
            CompactJws.parse(token).requireSigned();
        } catch (KbsProtocolException e) {
            throw new KbsConfigurationException("passport: " + e.getMessage(), e);
        }
        return new Builder(url, new Builder.ByPassport(new TokenAnswer(token), requireNonNull(key, "key is null")));
    }

    /**
     * The resource's bytes, a fresh array that the caller owns and may wipe. The URI's host is not looked at: this client's
     * KBS is asked.
     *
     * @param uri which resource
     * @param limit the most bytes that are taken, at most {@link #MAX_RESOURCE}
     * @throws AttestationException when it is not to be had; the subclass says why
     */
    public byte[] fetch(ResourceUri uri, int limit) throws AttestationException {
        return release(uri, limit).content();
    }

    /**
     * A resource, and under which session it was given.
     *
     * @param content the resource's bytes, which the caller wipes
     * @param session the session's number
     */
    @SuppressWarnings("ArrayRecordComponent") // read once by whoever asked; never compared
    record Released(byte[] content, long session) {
        /** Without the resource. */
        @Override
        public String toString() {
            return "Released[session=" + session + "]";
        }
    }

    /** As {@link #fetch}. */
    Released release(ResourceUri uri, int limit) throws AttestationException {
        if (limit < 0 || limit > MAX_RESOURCE) {
            throw new IllegalArgumentException("a limit of " + limit + ", expected 0 to " + MAX_RESOURCE);
        }
        Retries.Attempts attempts = retries.begin(Retries.MAX_GETS);
        long known = currentNumber();
        KbsSession session = session(0);
        KbsAnswer answer = ask(attempts, session, uri, limit);
        if (answer.unauthorized()
                && start.renewable()
                && session.number() <= known
                && !isAbsent(answer)
                && attempts.left()) {
            session = session(session.number() + 1);
            answer = ask(attempts, session, uri, limit);
        }
        if (!answer.ok()) {
            throw refusal(uri, answer);
        }
        byte[] plaintext;
        try {
            plaintext = KbsJwe.open(answer.body(), session.key());
        } catch (JweException e) {
            throw new BadServerException(answer.what() + ": " + e.getMessage(), e);
        } catch (IllegalStateException e) {
            throw closed(e); // its key is
        }
        if (plaintext.length > limit) {
            Arrays.fill(plaintext, (byte) 0);
            throw tooLarge(uri, limit);
        }
        return new Released(plaintext, session.number());
    }

    private static KbsUnreachableException closed(@Nullable Throwable cause) {
        return new KbsUnreachableException("the client is closed", cause);
    }

    private KbsAnswer ask(Retries.Attempts attempts, KbsSession session, ResourceUri uri, int limit)
            throws AttestationException {
        return attempts.run(() -> {
            KbsAnswer answer = transport
                    .get(uri.httpPath(), KbsJwe.maxLength(limit), session)
                    .orElseThrow(() -> tooLarge(uri, limit));
            if (answer.busy()) {
                throw answer.unexpected();
            }
            return answer;
        });
    }

    /** Whether the KBS says that it would release the resource and has none. */
    private static boolean isAbsent(KbsAnswer answer) {
        return answer.variant().filter("PluginInternalError"::equals).isPresent();
    }

    private static AttestationException refusal(ResourceUri uri, KbsAnswer answer) {
        Optional<String> variant = answer.variant();
        return switch (answer.status()) {
            case 404 ->
                new NoSuchResourceException(uri + ": the KBS has no such resource: " + answer.describe(), variant);
            case 403 ->
                new DeniedByPolicyException(
                        uri + ": the KBS's policy does not release it: " + answer.describe(), variant);
            case 401 ->
                switch (variant.orElse("")) {
                    case "PolicyDeny" ->
                        new DeniedByPolicyException(
                                uri + ": the KBS's policy does not release it: " + answer.describe(), variant);
                    case "PluginInternalError" ->
                        new NoSuchResourceException(
                                uri + ": the KBS has no such resource: " + answer.describe(), variant);
                    case "PolicyEngineError", "ParsePolicyError" -> answer.unexpected();
                    default ->
                        new EvidenceRefusedException(
                                uri + ": the KBS does not accept our attestation: " + answer.describe(), variant);
                };
            default -> answer.unexpected();
        };
    }

    private static ResourceTooLargeException tooLarge(ResourceUri uri, int limit) {
        return new ResourceTooLargeException(uri + ": larger than the limit of " + limit + " bytes", limit);
    }

    /** The number of the session that stands now, 0 where none does. */
    private long currentNumber() {
        lock.lock();
        try {
            return current == null ? 0 : current.number();
        } finally {
            lock.unlock();
        }
    }

    /** The session that stands now and may be used, if one does. */
    Optional<KbsSession> standing() {
        lock.lock();
        try {
            return Optional.ofNullable(current).filter(session -> session.usableAt(time.instant()));
        } finally {
            lock.unlock();
        }
    }

    /** A usable session of at least that number, no older than what was measured before. */
    KbsSession session(long leastNumber) throws AttestationException {
        long least;
        lock.lock();
        try {
            least = Math.max(leastNumber, freshFrom);
        } finally {
            lock.unlock();
        }
        KbsSession session = joinOrAttest(least);
        // An attestation that was on its way already is not it; the next one is.
        return session.number() >= least ? session : joinOrAttest(least);
    }

    /** The session that stands, or the next one; made by one thread while the others wait. */
    private KbsSession joinOrAttest(long leastNumber) throws AttestationException {
        CompletableFuture<KbsSession> joined;
        long number = 0;
        lock.lock();
        try {
            if (closed) {
                throw closed(null);
            }
            KbsSession kept = current;
            if (kept != null && kept.number() >= leastNumber && kept.usableAt(time.instant())) {
                return kept;
            }
            if (flight == null) {
                flight = new CompletableFuture<>();
                number = ++started;
            }
            joined = flight;
        } finally {
            lock.unlock();
        }
        return number > 0 ? attest(number, joined) : await(joined);
    }

    private KbsSession attest(long number, CompletableFuture<KbsSession> outcome) throws AttestationException {
        try {
            KbsSession session = retries.begin(Retries.MAX_HANDSHAKES).run(() -> start.begin(number));
            if (start.renewable()) {
                attestations.incrementAndGet();
            }
            land(session);
            outcome.complete(session);
            return session;
        } catch (AttestationException | RuntimeException | Error e) {
            land(null);
            outcome.completeExceptionally(e);
            throw e;
        }
    }

    private void land(@Nullable KbsSession session) throws KbsUnreachableException {
        lock.lock();
        try {
            flight = null;
            current = !closed && session != null && session.number() >= freshFrom ? session : null;
            if (closed && session != null) {
                session.key().close();
                throw closed(null);
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Drops the session where the KBS looks at that register, so that the next fetch attests with what was measured; a client
     * that shows a token keeps it.
     */
    @Override
    public void measured(int register) {
        if (!start.renewable() || !watched.cover(register)) {
            return;
        }
        lock.lock();
        try {
            freshFrom = started + 1;
            current = null;
        } finally {
            lock.unlock();
        }
    }

    /**
     * The attestation token of the session, which is begun if none stands.
     *
     * <p><b>Security.</b> A bearer secret for what a KBS gives unencrypted; without the session's key it opens nothing.
     *
     * @throws AttestationException when there is none to be had; the subclass says why
     */
    public TokenAnswer token() throws AttestationException {
        return session(0).token();
    }

    /** Whether whoever has this client may hand on its sessions' keys. */
    boolean exportable() {
        return exportable;
    }

    private static KbsSession await(CompletableFuture<KbsSession> flight) throws AttestationException {
        try {
            return flight.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KbsUnreachableException("interrupted while waiting for an attestation", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof AttestationException refused) {
                throw refused;
            }
            throw new IllegalStateException("the attestation failed", e);
        }
    }

    /** How many attestations the KBS has accepted from this client. */
    public int attestations() {
        return attestations.get();
    }

    /** How the KBS is reached. */
    public KbsChannel channel() {
        return channel;
    }

    /** Drops the session and its key; what is under way fails. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            start.close();
            if (current != null) {
                current.key().close();
                current = null;
            }
        } finally {
            lock.unlock();
        }
        transport.close();
    }

    /** Where the KBS is, and how it is reached. */
    @Override
    public String toString() {
        return "KbsClient[" + transport.host() + ", " + channel + "]";
    }

    /** Says how a client is to be. */
    public static final class Builder {
        private final URI url;
        private final Identity identity;
        private final List<byte[]> pinnedRoots = new ArrayList<>();
        private boolean insecureHttp;
        private TeeKeyAlgorithm keyAlgorithm = TeeKeyAlgorithm.EC_P256;
        private String userAgent = "bulla";
        private Duration connectTimeout = CONNECT_TIMEOUT;
        private Duration callTimeout = CALL_TIMEOUT;
        private InstantSource time = InstantSource.system();
        private SecureRandom random = new SecureRandom();
        private RetryPause pause = Thread::sleep;
        private List<Attester> devices = List.of();
        private @Nullable InitDataDocument initData;
        private @Nullable MeasuredRegisters reattestOnMeasure;
        private boolean exportableKey;
        private @Nullable Supplier<TeeKeyPair> teeKey;

        /** As whom the KBS is asked. */
        private sealed interface Identity {}

        private record ByEvidence(Attester attester) implements Identity {}

        private record ByPassport(TokenAnswer token, TeeKeyPair key) implements Identity {}

        private Builder(URI url, Identity identity) {
            this.url = requireNonNull(url, "url is null");
            this.identity = identity;
        }

        /** The evidence of devices beside the TEE's, one device of a kind; none unless set. */
        @CanIgnoreReturnValue
        public Builder devices(List<Attester> attesters) {
            devices = List.copyOf(attesters);
            if (devices.stream().map(Attester::tee).distinct().count() != devices.size()) {
                throw new IllegalArgumentException("two devices of one kind, whose evidence has one name");
            }
            return this;
        }

        /** The initdata that goes to the KBS with the evidence; the TEE has measured its digest, or it is refused there. */
        @CanIgnoreReturnValue
        public Builder initData(InitDataDocument document) {
            initData = requireNonNull(document, "document is null");
            return this;
        }

        /**
         * What is measured into which registers makes a session old; every register unless set, and none with sample
         * evidence, which shows no register.
         */
        @CanIgnoreReturnValue
        public Builder reattestOnMeasure(MeasuredRegisters registers) {
            reattestOnMeasure = requireNonNull(registers, "registers is null");
            return this;
        }

        /** Lets {@link AttestationTokens} hand on the keys of this client's sessions; its resources are then its users' too. */
        @CanIgnoreReturnValue
        public Builder exportableKey() {
            exportableKey = true;
            return this;
        }

        /** How pauses between tries are made. */
        @CanIgnoreReturnValue
        public Builder pause(RetryPause retryPause) {
            pause = requireNonNull(retryPause, "retryPause is null");
            return this;
        }

        /** Trusts the certificates of this PEM text; once one is given, the system's roots count no more. */
        @CanIgnoreReturnValue
        public Builder pinnedRoots(byte[] pem) {
            pinnedRoots.add(pem.clone());
            return this;
        }

        /** Allows {@code http://} URLs, loopback ones included; whoever is on the way can then answer as the KBS. */
        @CanIgnoreReturnValue
        public Builder insecureHttp() {
            insecureHttp = true;
            return this;
        }

        /** The kind of key that each session gets, P-256 unless set. */
        @CanIgnoreReturnValue
        public Builder keyAlgorithm(TeeKeyAlgorithm algorithm) {
            keyAlgorithm = requireNonNull(algorithm, "algorithm is null");
            return this;
        }

        /**
         * The one key of all sessions, in the place of a fresh key for each: for who shows the token elsewhere, as a passport.
         *
         * @param pem the private key as {@link TeeKeyPair#fromPem} reads it; the caller wipes it
         * @throws KbsConfigurationException when it is none
         */
        @CanIgnoreReturnValue
        public Builder teeKey(byte[] pem) throws KbsConfigurationException {
            byte[] kept = pem.clone();
            readKey(kept).close();
            teeKey = () -> {
                try {
                    return TeeKeyPair.fromPem(kept);
                } catch (KbsProtocolException e) {
                    throw new IllegalStateException(e); // it was read before
                }
            };
            return this;
        }

        private static TeeKeyPair readKey(byte[] pem) throws KbsConfigurationException {
            try {
                return TeeKeyPair.fromPem(pem);
            } catch (KbsProtocolException e) {
                throw new KbsConfigurationException(e.getMessage());
            }
        }

        /** The program's version, which the user agent {@code bulla/<version>} carries. */
        @CanIgnoreReturnValue
        public Builder version(String version) {
            userAgent = "bulla/" + version;
            return this;
        }

        /** How long a connection and a whole request may take. */
        @CanIgnoreReturnValue
        public Builder timeouts(Duration connect, Duration call) {
            connectTimeout = connect;
            callTimeout = call;
            return this;
        }

        /** The clock by which a session's age is told. */
        @CanIgnoreReturnValue
        public Builder time(InstantSource source) {
            time = requireNonNull(source, "source is null");
            return this;
        }

        /** Where keys come from. */
        @CanIgnoreReturnValue
        public Builder random(SecureRandom source) {
            random = requireNonNull(source, "source is null");
            return this;
        }

        /**
         * The client. Nothing is sent yet.
         *
         * @throws KbsConfigurationException when the URL or a certificate is malformed, the URL is plain HTTP and
         *     {@link #insecureHttp} was not called, or something is set that a passport has no use for
         */
        public KbsClient build() throws KbsConfigurationException {
            HttpUrl base = KbsTransport.parseBase("KBS URL ", url);
            KbsChannel channel = KbsTransport.channel("KBS URL " + url, base, !pinnedRoots.isEmpty(), insecureHttp);
            KbsTransport transport = new KbsTransport(
                    base, KbsTransport.KBS_PREFIX, channel, pinnedRoots, userAgent, connectTimeout, callTimeout);
            SessionStart start;
            MeasuredRegisters watched;
            switch (identity) {
                case ByEvidence(Attester attester) -> {
                    TeeKeyAlgorithm algorithm = keyAlgorithm;
                    SecureRandom source = random;
                    start = new RcarHandshake(
                            transport,
                            attester,
                            devices,
                            Optional.ofNullable(initData),
                            requireNonNullElse(teeKey, () -> TeeKeyPair.generate(algorithm, source)),
                            time);
                    watched = requireNonNullElse(
                            reattestOnMeasure,
                            attester.tee() == Tee.SAMPLE ? MeasuredRegisters.NONE : MeasuredRegisters.ALL);
                }
                case ByPassport(TokenAnswer token, TeeKeyPair key) -> {
                    if (!devices.isEmpty() || initData != null || reattestOnMeasure != null || exportableKey) {
                        throw new KbsConfigurationException("passport: nothing is attested, so devices, initdata,"
                                + " registers and an exportable key are not for it");
                    }
                    start = new Passport(token, key, time);
                    watched = MeasuredRegisters.NONE;
                }
            }
            return new KbsClient(channel, transport, start, watched, exportableKey, new Retries(time, pause, random));
        }
    }
}
