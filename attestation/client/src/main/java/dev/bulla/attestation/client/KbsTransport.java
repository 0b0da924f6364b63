package dev.bulla.attestation.client;

import dev.bulla.attestation.protocol.PinnedTls;
import dev.bulla.oci.Quoted;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.Proxy;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLException;
import okhttp3.Call;
import okhttp3.ConnectionSpec;
import okhttp3.CookieJar;
import okhttp3.EventListener;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okio.BufferedSink;
import okio.BufferedSource;
import org.jspecify.annotations.Nullable;

/** Sends requests to one server and reads its answers, bounded; knows HTTP and TLS, nothing of attestation. */
final class KbsTransport implements AutoCloseable {
    /** Below what a KBS answers. */
    static final String KBS_PREFIX = "kbs/v0/";

    private static final int MAX_ERROR_BODY = 64 * 1024;
    private static final MediaType JSON = MediaType.get("application/json");

    private final OkHttpClient http;
    private final HttpUrl base;
    private final String prefix;
    private final String userAgent;

    KbsTransport(
            HttpUrl base,
            String prefix,
            KbsChannel channel,
            List<byte[]> pinnedRoots,
            String userAgent,
            Duration connect,
            Duration call)
            throws KbsConfigurationException {
        this.base = base;
        this.prefix = prefix;
        this.userAgent = userAgent;
        OkHttpClient.Builder builder = new OkHttpClient.Builder()
                .connectTimeout(connect)
                .readTimeout(call)
                .writeTimeout(call)
                .callTimeout(call)
                .followRedirects(false)
                .followSslRedirects(false)
                .proxy(Proxy.NO_PROXY);
        switch (channel) {
            case PINNED_TLS -> {
                try {
                    PinnedTls tls = PinnedTls.of(pinnedRoots);
                    builder.sslSocketFactory(tls.context().getSocketFactory(), tls.trustManager());
                } catch (GeneralSecurityException e) {
                    throw new KbsConfigurationException("KBS certificate: no X.509 certificate in PEM", e);
                }
                builder.connectionSpecs(List.of(ConnectionSpec.MODERN_TLS));
            }
            case SYSTEM_TLS -> builder.connectionSpecs(List.of(ConnectionSpec.MODERN_TLS));
            case PLAIN_HTTP -> builder.connectionSpecs(List.of(ConnectionSpec.CLEARTEXT));
        }
        this.http = builder.build();
    }

    /**
     * The base URL of a server.
     *
     * @param what what the URL is of, for messages
     */
    static HttpUrl parseBase(String what, URI url) throws KbsConfigurationException {
        HttpUrl parsed = HttpUrl.parse(url.toString());
        // OkHttp forgives a missing slash and finds a host where java.net.URI sees none.
        if (parsed == null
                || url.getHost() == null
                || parsed.query() != null
                || parsed.fragment() != null
                || !parsed.username().isEmpty()
                || !parsed.password().isEmpty()) {
            // A user's password must not come into a message, wherever either of the two finds a user.
            String shown = url.toString().contains("@") ? "with a user" : url.toString();
            throw new KbsConfigurationException(
                    what + shown + ": expected http or https, a host, and no user, query or fragment");
        }
        return parsed;
    }

    /** How the server at that URL is reached. */
    static KbsChannel channel(String what, HttpUrl base, boolean pinned, boolean insecureHttp)
            throws KbsConfigurationException {
        if (base.isHttps()) {
            return pinned ? KbsChannel.PINNED_TLS : KbsChannel.SYSTEM_TLS;
        }
        if (!insecureHttp) {
            throw new KbsConfigurationException(what + ": plain HTTP is refused unless --insecure-kbs-http"
                    + " (insecure_kbs_http = true in a file) allows it");
        }
        if (pinned) {
            throw new KbsConfigurationException(what + ": a certificate is pinned and the URL is plain HTTP");
        }
        return KbsChannel.PLAIN_HTTP;
    }

    KbsAnswer post(String path, byte[] json, int limit, CookieJar cookies)
            throws KbsUnreachableException, BadServerException {
        String what = "POST " + prefix + path;
        return send(what, request(path).post(new OneShotBody(json)).build(), false, limit, cookies)
                .orElseThrow(() ->
                        new BadServerException(what + ": the answer is longer than the limit of " + limit + " bytes"));
    }

    /**
     * The answer, or nothing when its body is longer than {@code limit}.
     *
     * @param session under which it is asked: its cookie, or its token where it has none
     */
    Optional<KbsAnswer> get(String path, int limit, KbsSession session)
            throws KbsUnreachableException, BadServerException {
        Request.Builder request = request(path).get();
        CookieJar cookies = CookieJar.NO_COOKIES;
        if (session.cookies().isPresent()) {
            cookies = session.cookies().get();
        } else {
            request.header("Authorization", "Bearer " + session.token().token());
        }
        return send("GET " + prefix + path, request.build(), true, limit, cookies);
    }

    private Request.Builder request(String path) {
        String root = base.toString();
        return new Request.Builder()
                .url((root.endsWith("/") ? root : root + "/") + prefix + path)
                .header("User-Agent", userAgent)
                .header("Accept-Encoding", "identity");
    }

    private Optional<KbsAnswer> send(String what, Request request, boolean repeatable, int limit, CookieJar cookies)
            throws KbsUnreachableException, BadServerException {
        SendWatch watch = new SendWatch();
        Call call = http.newBuilder()
                .cookieJar(cookies)
                .eventListener(watch)
                .build()
                .newCall(request);
        try (Response response = call.execute()) {
            boolean ok = response.code() == 200;
            Optional<byte[]> body = readAtMost(response.body().source(), ok ? limit : MAX_ERROR_BODY);
            if (body.isEmpty() && ok) {
                return Optional.empty();
            }
            return Optional.of(new KbsAnswer(
                    what,
                    response.code(),
                    Optional.ofNullable(response.header("Location")),
                    seconds(response.header("Retry-After")),
                    body.orElseGet(() -> new byte[0])));
        } catch (SSLException e) {
            throw new KbsUnreachableException(what + " at " + host() + ": TLS: " + words(e), e);
        } catch (InterruptedIOException e) {
            // Who did not answer a request in time may be at work on it still; another one only adds to that.
            boolean passing = repeatable || !watch.sent;
            throw new KbsUnreachableException(what + " at " + host() + ": " + words(e), e, passing);
        } catch (IOException e) {
            throw new KbsUnreachableException(what + " at " + host() + ": " + words(e), e, true);
        } catch (IllegalArgumentException e) {
            // OkHttp reads some headers by itself, Retry-After of a 503 as an int, and lets its surprise through.
            throw new BadServerException(what + ": the answer's headers cannot be read: " + words(e), e);
        }
    }

    /** A number of seconds; a date, which is by a clock that is not ours, is left aside. */
    private static Optional<Duration> seconds(@Nullable String retryAfter) {
        return retryAfter != null && retryAfter.matches("[0-9]{1,9}")
                ? Optional.of(Duration.ofSeconds(Integer.parseInt(retryAfter)))
                : Optional.empty();
    }

    /** Whether anything of the request went out. */
    private static final class SendWatch extends EventListener {
        private volatile boolean sent;

        @Override
        public void requestHeadersStart(Call call) {
            sent = true;
        }
    }

    private static String words(Exception e) {
        String message = e.getMessage();
        String kind = e.getClass().getSimpleName();
        return message == null ? kind : kind + ", " + Quoted.text(message);
    }

    /** All bytes, or nothing when there are more than {@code limit}. */
    private static Optional<byte[]> readAtMost(BufferedSource source, int limit) throws IOException {
        byte[] buffer = new byte[Math.min(limit, 8192) + 1];
        int length = 0;
        while (true) {
            int read = source.read(buffer, length, buffer.length - length);
            if (read < 0) {
                byte[] body = Arrays.copyOf(buffer, length);
                Arrays.fill(buffer, (byte) 0);
                return Optional.of(body);
            }
            length += read;
            if (length > limit) {
                return Optional.empty();
            }
            if (length == buffer.length) {
                byte[] larger = Arrays.copyOf(buffer, (int) Math.min(limit + 1L, buffer.length * 2L));
                Arrays.fill(buffer, (byte) 0);
                buffer = larger;
            }
        }
    }

    /** Where the server is, for messages. */
    String host() {
        return String.format(Locale.ROOT, "%s:%d", base.host(), base.port());
    }

    @Override
    public void close() {
        http.connectionPool().evictAll();
        http.dispatcher().executorService().shutdown();
    }

    /** A body that is never sent twice: a nonce answers once. */
    private static final class OneShotBody extends RequestBody {
        private final byte[] bytes;

        OneShotBody(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public MediaType contentType() {
            return JSON;
        }

        @Override
        public long contentLength() {
            return bytes.length;
        }

        @Override
        public boolean isOneShot() {
            return true;
        }

        @Override
        public void writeTo(BufferedSink sink) throws IOException {
            sink.write(bytes);
        }
    }
}
