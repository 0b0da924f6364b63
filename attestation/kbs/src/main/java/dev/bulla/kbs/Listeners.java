package dev.bulla.kbs;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/** Where a KBS listens: one server an address, all with the same handler and the same TLS, or none with any. */
final class Listeners implements AutoCloseable {
    private static final int BACKLOG = 512;

    private final Executor executor;
    private final Optional<SSLContext> tls;
    private final boolean tls13Only;
    private final List<HttpServer> servers = new ArrayList<>();
    private final List<URI> urls = new ArrayList<>();

    Listeners(Executor executor, Optional<SSLContext> tls, boolean tls13Only) {
        this.executor = executor;
        this.tls = tls;
        this.tls13Only = tls13Only;
    }

    /**
     * Listens, on a free port of the loopback address where no address is given.
     *
     * @throws KbsException when one of them cannot be listened on; those that can are open until {@link #close}
     */
    void open(List<InetSocketAddress> given, HttpHandler handler) throws KbsException {
        List<InetSocketAddress> addresses = given.isEmpty() ? List.of(loopback()) : List.copyOf(given);
        for (InetSocketAddress address : addresses) {
            try {
                HttpServer server = create(address);
                servers.add(server);
                server.setExecutor(executor);
                server.createContext("/", handler);
            } catch (IOException e) {
                throw new KbsException("cannot listen on " + address, e);
            }
        }
        for (HttpServer server : servers) {
            server.start();
            InetSocketAddress bound = server.getAddress();
            String host = bound.getAddress().getHostAddress();
            urls.add(URI.create((tls.isPresent() ? "https://" : "http://")
                    + (host.contains(":") ? "[" + host + "]" : host) + ":" + bound.getPort()));
        }
    }

    private HttpServer create(InetSocketAddress address) throws IOException {
        if (tls.isEmpty()) {
            return HttpServer.create(address, BACKLOG);
        }
        HttpsServer server = HttpsServer.create(address, BACKLOG);
        server.setHttpsConfigurator(configurator(tls.get(), tls13Only));
        return server;
    }

    private static HttpsConfigurator configurator(SSLContext context, boolean tls13Only) {
        return new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters usual = context.getDefaultSSLParameters();
                if (tls13Only) {
                    usual.setProtocols(new String[] {"TLSv1.3"});
                }
                parameters.setSSLParameters(usual);
            }
        };
    }

    private static InetSocketAddress loopback() {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e); // four bytes are an address
        }
    }

    /** Where it listens, in the order of the addresses. */
    List<URI> urls() {
        return List.copyOf(urls);
    }

    @Override
    public void close() {
        servers.forEach(server -> server.stop(0));
    }
}
