package dev.bulla.registry;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import dev.bulla.oci.MediaTypes;
import dev.bulla.oci.OciException;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okio.Buffer;

/** A registry on loopback that answers as each test says, and keeps what it was asked. Paths without a script: 404. */
final class ScriptedRegistry implements AutoCloseable {
    static final String REPOSITORY = "team/app";

    /** One request as it came. */
    record Asked(String method, String target, Map<String, List<String>> headers, String body) {
        List<String> header(String name) {
            return headers.entrySet().stream()
                    .filter(e -> e.getKey().equalsIgnoreCase(name))
                    .flatMap(e -> e.getValue().stream())
                    .toList();
        }
    }

    private final MockWebServer server = new MockWebServer();
    private final Map<String, Function<Asked, MockResponse>> scripts = new ConcurrentHashMap<>();
    private final List<Asked> asked = new CopyOnWriteArrayList<>();

    /** A registry over plain HTTP whose {@code /v2/} asks for nothing. */
    static ScriptedRegistry plain() throws IOException {
        ScriptedRegistry registry = new ScriptedRegistry();
        registry.start();
        return registry;
    }

    /** The same over HTTPS. */
    static ScriptedRegistry tls(TestCertificate certificate) throws IOException {
        ScriptedRegistry registry = new ScriptedRegistry();
        registry.server.useHttps(certificate.sockets());
        registry.start();
        return registry;
    }

    private void start() throws IOException {
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                String body = request.getBody() == null ? "" : request.getBody().utf8();
                Asked one = new Asked(
                        request.getMethod(),
                        request.getTarget(),
                        Map.copyOf(request.getHeaders().toMultimap()),
                        body);
                asked.add(one);
                int query = one.target().indexOf('?');
                String path = query < 0 ? one.target() : one.target().substring(0, query);
                return scripts.getOrDefault(one.method() + " " + path, any -> status(404))
                        .apply(one);
            }
        });
        server.start(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 0);
        on("GET /v2/", status(200));
    }

    /** What to answer to {@code "METHOD /path"}. */
    void on(String request, MockResponse response) {
        scripts.put(request, any -> response);
    }

    /** How to answer to {@code "METHOD /path"}. */
    void on(String request, Function<Asked, MockResponse> script) {
        scripts.put(request, script);
    }

    /** Answers a list in order, the last one for ever. */
    static Function<Asked, MockResponse> inTurn(MockResponse... responses) {
        List<MockResponse> left = new CopyOnWriteArrayList<>(responses);
        return any -> left.size() > 1 ? left.removeFirst() : left.getFirst();
    }

    /** Serves a manifest under a tag or digest. */
    void manifest(String reference, byte[] bytes) {
        on(
                manifestPath(reference),
                bytes(bytes).setHeader("Content-Type", MediaTypes.OCI_MANIFEST).build());
    }

    /** Serves a blob under its digest, and describes it. */
    Descriptor blob(byte[] bytes) {
        Descriptor blob = describe(bytes);
        on(blobPath(blob.digest()), bytes(bytes).build());
        return blob;
    }

    static Descriptor describe(byte[] bytes) {
        return Descriptor.of("application/octet-stream", Digest.Algorithm.SHA256.of(bytes), bytes.length);
    }

    static String manifestPath(String reference) {
        return "GET /v2/" + REPOSITORY + "/manifests/" + reference;
    }

    static String blobPath(Digest digest) {
        return "GET /v2/" + REPOSITORY + "/blobs/" + digest;
    }

    static MockResponse status(int code) {
        return new MockResponse.Builder().code(code).build();
    }

    static MockResponse.Builder bytes(byte[] bytes) {
        return new MockResponse.Builder().code(200).body(new Buffer().write(bytes));
    }

    static MockResponse.Builder text(int code, String body) {
        return new MockResponse.Builder().code(code).body(body);
    }

    static MockResponse redirect(String location) {
        return new MockResponse.Builder()
                .code(307)
                .addHeader("Location", location)
                .build();
    }

    static MockResponse challenge(String... challenges) {
        MockResponse.Builder response = new MockResponse.Builder().code(401);
        for (String challenge : challenges) {
            response.addHeader("WWW-Authenticate", challenge);
        }
        return response.build();
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    int port() {
        return server.getPort();
    }

    /** {@code 127.0.0.1:PORT}. */
    String host() {
        return "127.0.0.1:" + port();
    }

    String url(String path) {
        return "http://" + host() + path;
    }

    ImageReference reference() {
        try {
            return ImageReference.parse(host() + "/" + REPOSITORY);
        } catch (OciException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Options that name this registry as insecure. */
    RegistryOptions insecure() {
        return RegistryOptions.defaults().withInsecureHost(insecureHost());
    }

    InsecureHost insecureHost() {
        try {
            return InsecureHost.parse(host());
        } catch (OciException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Everything it was asked, {@code /v2/} included. */
    List<Asked> asked() {
        return List.copyOf(asked);
    }

    /** What it was asked by paths that begin so. */
    List<Asked> asked(String path) {
        return asked.stream().filter(a -> a.target().startsWith(path)).toList();
    }

    @Override
    public void close() {
        server.close();
    }
}
