package dev.bulla.attestation.client;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.bulla.attestation.client.evidence.Attester;
import dev.bulla.attestation.protocol.JweException;
import dev.bulla.attestation.protocol.KbsJwe;
import dev.bulla.attestation.protocol.ResourceUri;
import dev.bulla.attestation.protocol.TeeKeyAlgorithm;
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
import okhttp3.HttpUrl;
import org.jspecify.annotations.Nullable;

/**
 * Gets resources from a KBS by RCAR 0.4.0.
 *
 * <p>The first fetch attests; its session then serves all, from whatever thread, until shortly before it ends. While one
 * thread attests the others wait for its outcome, good or bad. A fetch that a session older than itself is refused attests
 * anew once; that the KBS has no such resource is believed at once.
 *
 * <p><b>Security.</b> Resources come encrypted to a key that is made for the session and never leaves the process. Plain
 * HTTP is refused unless {@link Builder#insecureHttp} names it; with pinned roots no other root counts. Redirects and
 * proxies are not followed; every body is bounded. {@link #channel} says what an answer is worth: attestation does not prove
 * the KBS to the guest.
 */
public final class KbsClient implements AutoCloseable {
    /** How long a connection may take to stand. */
    public static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    /** How long a request may take as a whole. */
    public static final Duration CALL_TIMEOUT = Duration.ofSeconds(60);

    /** The largest resource that can be asked for. */
    public static final int MAX_RESOURCE = 64 * 1024 * 1024;

    private final KbsChannel channel;
    private final KbsTransport transport;
    private final RcarHandshake handshake;
    private final InstantSource time;
    private final AtomicInteger attestations = new AtomicInteger();
    private final ReentrantLock lock = new ReentrantLock();

    @GuardedBy("lock")
    private long started;

    @GuardedBy("lock")
    private @Nullable KbsSession current;

    @GuardedBy("lock")
    private @Nullable CompletableFuture<KbsSession> flight;

    @GuardedBy("lock")
    private boolean closed;

    private KbsClient(KbsChannel channel, KbsTransport transport, RcarHandshake handshake) {
        this.channel = channel;
        this.transport = transport;
        this.handshake = handshake;
        this.time = handshake.time();
    }

    /** A builder of a client of the KBS at this URL. */
    public static Builder builder(URI url, Attester attester) {
        return new Builder(url, attester);
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
        if (limit < 0 || limit > MAX_RESOURCE) {
            throw new IllegalArgumentException("a limit of " + limit + ", expected 0 to " + MAX_RESOURCE);
        }
        long known = currentNumber();
        KbsSession session = session(0);
        KbsAnswer answer = ask(session, uri, limit);
        if (answer.unauthorized() && session.number() <= known && !isAbsent(answer)) {
            session = session(session.number() + 1);
            answer = ask(session, uri, limit);
        }
        if (!answer.ok()) {
            throw refusal(uri, answer);
        }
        byte[] plaintext;
        try {
            plaintext = KbsJwe.open(answer.body(), session.key());
        } catch (JweException e) {
            throw new BadServerException(answer.what() + ": " + e.getMessage(), e);
        }
        if (plaintext.length > limit) {
            Arrays.fill(plaintext, (byte) 0);
            throw tooLarge(uri, limit);
        }
        return plaintext;
    }

    private KbsAnswer ask(KbsSession session, ResourceUri uri, int limit) throws AttestationException {
        return transport
                .get(uri.httpPath(), KbsJwe.maxLength(limit), session.cookies())
                .orElseThrow(() -> tooLarge(uri, limit));
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

    /** A usable session of at least that number; made by one thread while the others wait. */
    private KbsSession session(long leastNumber) throws AttestationException {
        CompletableFuture<KbsSession> joined;
        long number = 0;
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("the client is closed");
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
            KbsSession session = handshake.run(number);
            attestations.incrementAndGet();
            land(session);
            outcome.complete(session);
            return session;
        } catch (AttestationException | RuntimeException | Error e) {
            land(null);
            outcome.completeExceptionally(e);
            throw e;
        }
    }

    private void land(@Nullable KbsSession session) {
        lock.lock();
        try {
            flight = null;
            current = session;
            if (closed && session != null) {
                session.key().close();
            }
        } finally {
            lock.unlock();
        }
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

    /** Drops the session and its key. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
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
        private final Attester attester;
        private final List<byte[]> pinnedRoots = new ArrayList<>();
        private boolean insecureHttp;
        private TeeKeyAlgorithm keyAlgorithm = TeeKeyAlgorithm.EC_P256;
        private String userAgent = "bulla";
        private Duration connectTimeout = CONNECT_TIMEOUT;
        private Duration callTimeout = CALL_TIMEOUT;
        private InstantSource time = InstantSource.system();
        private SecureRandom random = new SecureRandom();

        private Builder(URI url, Attester attester) {
            this.url = requireNonNull(url, "url is null");
            this.attester = requireNonNull(attester, "attester is null");
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
         * @throws KbsConfigurationException when the URL or a certificate is malformed, or the URL is plain HTTP and
         *     {@link #insecureHttp} was not called
         */
        public KbsClient build() throws KbsConfigurationException {
            HttpUrl base = KbsTransport.parseBase(url);
            KbsChannel channel;
            if (base.isHttps()) {
                channel = pinnedRoots.isEmpty() ? KbsChannel.SYSTEM_TLS : KbsChannel.PINNED_TLS;
            } else if (!insecureHttp) {
                throw new KbsConfigurationException(
                        "KBS URL " + url + ": plain HTTP is refused unless --insecure-kbs-http allows it");
            } else if (!pinnedRoots.isEmpty()) {
                throw new KbsConfigurationException(
                        "KBS URL " + url + ": a KBS certificate is pinned and the URL is plain HTTP");
            } else {
                channel = KbsChannel.PLAIN_HTTP;
            }
            KbsTransport transport =
                    new KbsTransport(base, channel, pinnedRoots, userAgent, connectTimeout, callTimeout);
            return new KbsClient(
                    channel, transport, new RcarHandshake(transport, attester, keyAlgorithm, random, time));
        }
    }
}
