package dev.bulla.registry;

import dev.bulla.oci.Quoted;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.Proxy;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import okhttp3.Call;
import okhttp3.Dns;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import okio.AsyncTimeout;

/**
 * Sends single requests: no redirect followed, no cookie kept, no login, no proxy, no compression, nothing tried again.
 *
 * <p>HTTP/1.1 only: OkHttp buffers up to 16 MiB of each HTTP/2 stream that its reader does not keep up with, and the
 * agent pulls layers in parallel with a heap of 64 MiB. A plain connection is held back by TCP.
 */
final class HttpConnector implements Closeable {

    /** Which client sends a request. */
    private record Channel(boolean verified, AddressReach reach) {}

    private final RegistryOptions options;
    private final Pace pace;
    private final Dns dns;
    private final OkHttpClient base;
    private final Map<Channel, OkHttpClient> clients = new ConcurrentHashMap<>();

    HttpConnector(RegistryOptions options, Pace pace, Dns dns) throws UnreachableException {
        this.options = options;
        this.pace = pace;
        this.dns = dns;
        Timeouts timeouts = options.timeouts();
        OkHttpClient.Builder builder = new OkHttpClient.Builder()
                .connectTimeout(timeouts.connect())
                .readTimeout(timeouts.answer())
                .writeTimeout(timeouts.answer())
                .followRedirects(false)
                .followSslRedirects(false)
                .protocols(List.of(Protocol.HTTP_1_1))
                .proxy(Proxy.NO_PROXY);
        TlsTrust.platformAnd(options.roots()).applyTo(builder);
        this.base = builder.build();
    }

    /** Whether somebody named this URL's host and port as insecure. */
    boolean isInsecure(HttpUrl url) {
        return options.insecureHosts().stream().anyMatch(host -> host.covers(url));
    }

    /** How near the host of a URL is, as far as it can be told now. */
    AddressReach reachOf(HttpUrl url) {
        try {
            return AddressReach.nearest(dns.lookup(url.host()));
        } catch (UnknownHostException e) {
            return AddressReach.GLOBAL;
        }
    }

    /**
     * Sends a request and waits for the answer's headers.
     *
     * @param reach how near the host may be
     * @param download whether the answer is what takes long, and not the request
     */
    Answer send(Request request, AddressReach reach, boolean download) throws RegistryException {
        HttpUrl url = request.url();
        String place = Answer.place(url);
        if (isAddress(url.host()) && reachOf(url).compareTo(reach) > 0) {
            throw tooNear(place);
        }
        Request identity =
                request.newBuilder().header("Accept-Encoding", "identity").build();
        Call call = client(url, reach).newCall(identity);
        AsyncTimeout deadline = new AsyncTimeout() {
            @Override
            protected void timedOut() {
                call.cancel();
            }
        };
        Timeouts timeouts = options.timeouts();
        long limit = timeouts.connect().plus(timeouts.answer()).toMillis();
        deadline.timeout(download ? limit : 0, TimeUnit.MILLISECONDS); // 0: none
        deadline.enter();
        Response response;
        try {
            response = call.execute();
        } catch (IOException e) {
            boolean late = deadline.exit();
            throw failure(place, e, late, limit);
        }
        if (deadline.exit()) {
            response.close();
            throw new TooSlowException(place + ": no answer within " + limit + " ms", null);
        }
        String encoding = response.header("Content-Encoding", "identity");
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            response.close();
            throw new RegistryProtocolException(
                    place + ": got Content-Encoding " + Quoted.text(encoding) + ", expected none, as asked for");
        }
        return new Answer(response, new PacedStream(response.body().byteStream(), place, timeouts, pace.nanoTime()));
    }

    private static RegistryException failure(String place, IOException e, boolean late, long limit) {
        String problem = Quoted.text(firstLine(String.valueOf(e.getMessage())));
        return switch (e) {
            case UploadException upload -> upload.cause();
            case AddressReach.TooNearException near -> tooNear(place);
            case IOException canceled
            when late -> new TooSlowException(place + ": no answer within " + limit + " ms", canceled);
            case InterruptedIOException slow -> new TooSlowException(place + ": no answer in time: " + problem, slow);
            case UnknownHostException unknown -> new UnreachableException(place + ": unknown host", unknown);
            case ConnectException refused -> new UnreachableException(place + ": no connection: " + problem, refused);
            case NoRouteToHostException none -> new UnreachableException(place + ": no route: " + problem, none);
            case SSLException tls -> new UnreachableException(place + ": TLS failed: " + problem, tls);
            default -> new UnreachableException(place + ": the connection broke: " + problem, e, true);
        };
    }

    private static RedirectRefusedException tooNear(String place) {
        return new RedirectRefusedException(
                place + ": the registry sends us there, to an address nearer to us than its own");
    }

    private static String firstLine(String message) {
        int end = message.indexOf('\n');
        return end < 0 ? message : message.substring(0, end);
    }

    /** Whether OkHttp takes the host for an address, and would not ask the resolver. */
    private static boolean isAddress(String host) {
        return host.indexOf(':') >= 0 || host.matches("[0-9.]+");
    }

    private OkHttpClient client(HttpUrl url, AddressReach reach) {
        return clients.computeIfAbsent(new Channel(!isInsecure(url), reach), channel -> {
            OkHttpClient.Builder builder = base.newBuilder().dns(channel.reach.guard(dns));
            if (!channel.verified) {
                TlsTrust.unverified().applyTo(builder);
                builder.hostnameVerifier((host, session) -> true);
            }
            return builder.build();
        });
    }

    @Override
    public void close() {
        base.connectionPool().evictAll();
    }
}
