package dev.bulla.provision;

import static java.util.Objects.requireNonNullElse;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.bulla.oci.Digest;
import dev.bulla.oci.ManifestOrIndex;
import dev.bulla.oci.OciException;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonWriter;
import dev.bulla.registry.FetchedManifest;
import dev.bulla.registry.LayoutSource;
import dev.bulla.registry.NotFoundException;
import dev.bulla.registry.RegistryException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A read-only registry over an OCI layout, plain HTTP on the loopback interface: one repository, whose tags are the
 * layout's. Speaks the pull half of the distribution specification: {@code /v2/}, manifests by tag and digest, blobs.
 *
 * <p>It is a prop: for the quickstart and for tests. {@link #corrupt} makes it lie about a blob.
 */
public final class LayoutRegistry implements AutoCloseable {
    private static final Pattern REQUEST = Pattern.compile("/v2/(.+)/(manifests|blobs)/([^/]+)");
    private static final int BUFFER = 64 << 10;

    private final Path layout;
    private final String repository;
    private final Optional<String> authorization;
    private final HttpServer server;
    private final ExecutorService threads;
    private final Set<Digest> corrupted = ConcurrentHashMap.newKeySet();

    private LayoutRegistry(Path layout, String repository, Optional<String> authorization, HttpServer server) {
        this.layout = layout;
        this.repository = repository;
        this.authorization = authorization;
        this.server = server;
        this.threads = Executors.newVirtualThreadPerTaskExecutor();
    }

    /** Serves a layout to everybody on a free port. */
    public static LayoutRegistry start(Path layout, String repository) throws IOException {
        return start(layout, repository, Optional.empty());
    }

    /** Serves a layout on a free port to whoever logs in by Basic authentication. */
    public static LayoutRegistry start(Path layout, String repository, String user, String password)
            throws IOException {
        byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
        return start(
                layout, repository, Optional.of("Basic " + Base64.getEncoder().encodeToString(pair)));
    }

    private static LayoutRegistry start(Path layout, String repository, Optional<String> authorization)
            throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        LayoutRegistry registry = new LayoutRegistry(layout, repository, authorization, server);
        server.createContext("/", registry::handle);
        server.setExecutor(registry.threads);
        server.start();
        return registry;
    }

    /** The registry's name in references, {@code 127.0.0.1:PORT}. */
    public String host() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    /** From now on the blob's middle byte is sent flipped. */
    public void corrupt(Digest blob) {
        corrupted.add(blob);
    }

    /** Ends what {@link #corrupt} began. */
    public void repair() {
        corrupted.clear();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getResponseHeaders().set("Docker-Distribution-API-Version", "registry/2.0");
            String path = exchange.getRequestURI().getPath();
            boolean head = exchange.getRequestMethod().equals("HEAD");
            if (!head && !exchange.getRequestMethod().equals("GET")) {
                fail(exchange, 405, "UNSUPPORTED");
                return;
            }
            if (!authorized(exchange)) {
                exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"layout\"");
                fail(exchange, 401, "UNAUTHORIZED");
                return;
            }
            if (path.equals("/v2/") || path.equals("/v2")) {
                send(exchange, head, "application/json", "{}".getBytes(StandardCharsets.US_ASCII));
                return;
            }
            Matcher request = REQUEST.matcher(path);
            if (!request.matches() || !request.group(1).equals(repository)) {
                fail(exchange, 404, "NAME_UNKNOWN");
                return;
            }
            try {
                if (request.group(2).equals("manifests")) {
                    manifest(exchange, head, request.group(3));
                } else {
                    blob(exchange, head, Digest.parse(request.group(3)));
                }
            } catch (NotFoundException e) {
                fail(exchange, 404, "MANIFEST_UNKNOWN");
            } catch (OciException | RegistryException e) {
                fail(exchange, 400, "MANIFEST_INVALID");
            }
        }
    }

    private boolean authorized(HttpExchange exchange) {
        if (authorization.isEmpty()) {
            return true;
        }
        @Nullable String given = exchange.getRequestHeaders().getFirst("Authorization");
        return MessageDigest.isEqual(
                requireNonNullElse(given, "").getBytes(StandardCharsets.UTF_8),
                authorization.get().getBytes(StandardCharsets.UTF_8));
    }

    private void manifest(HttpExchange exchange, boolean head, String reference) throws IOException, OciException {
        try (LayoutSource source = LayoutSource.open(layout)) {
            FetchedManifest manifest = reference.indexOf(':') < 0
                    ? source.fetchByTag(reference)
                    : source.fetchByDigest(Digest.parse(reference));
            String mediaType = ManifestOrIndex.parse(manifest.bytes(), manifest.mediaType())
                    .mediaType();
            exchange.getResponseHeaders()
                    .set("Docker-Content-Digest", manifest.digest().toString());
            send(exchange, head, mediaType, manifest.bytes());
        }
    }

    private void blob(HttpExchange exchange, boolean head, Digest digest) throws IOException {
        Path file = layout.resolve("blobs").resolve(digest.algorithm().id()).resolve(digest.hex());
        if (!Files.isRegularFile(file)) {
            fail(exchange, 404, "BLOB_UNKNOWN");
            return;
        }
        long size = Files.size(file);
        exchange.getResponseHeaders().set("Content-Type", "application/octet-stream");
        exchange.getResponseHeaders().set("Docker-Content-Digest", digest.toString());
        if (head) {
            exchange.getResponseHeaders().set("Content-Length", Long.toString(size));
            exchange.sendResponseHeaders(200, -1);
            return;
        }
        exchange.sendResponseHeaders(200, size == 0 ? -1 : size);
        long flipped = corrupted.contains(digest) ? size / 2 : -1;
        try (InputStream in = Files.newInputStream(file);
                OutputStream out = exchange.getResponseBody()) {
            byte[] buffer = new byte[BUFFER];
            long at = 0;
            for (int got = in.read(buffer); got >= 0; got = in.read(buffer)) {
                if (flipped >= at && flipped < at + got) {
                    buffer[(int) (flipped - at)] ^= 1;
                }
                out.write(buffer, 0, got);
                at += got;
            }
        }
    }

    private static void fail(HttpExchange exchange, int status, String code) throws IOException {
        JsonObject error =
                JsonObject.builder().put("code", code).put("message", code).build();
        byte[] body = JsonWriter.compact(JsonObject.builder()
                        .put("errors", new JsonArray(List.of(error)))
                        .build())
                .getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, head ? -1 : body.length);
        if (!head) {
            exchange.getResponseBody().write(body);
        }
    }

    private static void send(HttpExchange exchange, boolean head, String mediaType, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", mediaType);
        if (head) {
            exchange.getResponseHeaders().set("Content-Length", Integer.toString(body.length));
            exchange.sendResponseHeaders(200, -1);
            return;
        }
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
