package dev.bulla.provision;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import dev.bulla.oci.MediaTypes;
import dev.bulla.provision.cli.TenantCommand;
import dev.bulla.registry.LayoutSource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Pulls of a signed image from a registry that does what it can with the signatures. */
@Isolated("it runs the command line in this process")
class HostileSignaturesTest {
    private static final int ACCEPTED = 0;
    private static final int POLICY = 3;
    private static final int REGISTRY = 4;

    @TempDir
    private Path folder;

    private final Map<String, byte[]> documents = new ConcurrentHashMap<>();
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private String host;
    private Digest signed;
    private Digest stranger;

    @BeforeEach
    void start() throws Exception {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
        host = "127.0.0.1:" + server.getAddress().getPort();
        Path layout = folder.resolve("layout");
        var _ = TestImage.write(layout, "t", 1);
        var _ = TestImage.write(layout, "stranger", 2);
        SigningKey.Generated key = SigningKey.generate(new SecureRandom());
        Files.writeString(folder.resolve("key.pub"), key.publicPem());
        try (LayoutSource source = LayoutSource.open(layout);
                LayoutWriter writer = LayoutWriter.open(layout)) {
            signed = source.fetchByTag("t").digest();
            stranger = source.fetchByTag("stranger").digest();
            var _ = CosignSignature.sign(signed, ImageReference.parse(host + "/team/app:t"), key.key())
                    .store(source, writer);
        }
        serve(layout);
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    /** Everything of the layout, as two repositories have it. */
    private void serve(Path layout) throws Exception {
        for (String repository : List.of("team/app", "team/copied")) {
            try (var blobs = Files.list(layout.resolve("blobs/sha256"))) {
                for (Path blob : blobs.toList()) {
                    String digest = "sha256:" + blob.getFileName();
                    documents.put("/v2/" + repository + "/blobs/" + digest, Files.readAllBytes(blob));
                    documents.put("/v2/" + repository + "/manifests/" + digest, Files.readAllBytes(blob));
                }
            }
            try (LayoutSource source = LayoutSource.open(layout)) {
                for (String tag : List.of("t", "stranger", CosignSignature.tagOf(signed))) {
                    documents.put(
                            "/v2/" + repository + "/manifests/" + tag,
                            source.fetchByTag(tag).bytes());
                }
            }
        }
        documents.put("/v2/", new byte[0]);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String target = exchange.getRequestURI().toString();
            asked.add(target);
            byte[] document = documents.get(exchange.getRequestURI().getPath());
            if (document == null) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            if (target.contains("/referrers/")) {
                // There is always one more page.
                exchange.getResponseHeaders()
                        .set(
                                "Link",
                                "<" + exchange.getRequestURI().getPath() + "?page=" + asked.size() + ">; rel=next");
            }
            exchange.getResponseHeaders()
                    .set(
                            "Content-Type",
                            target.contains("/manifests/") ? MediaTypes.OCI_MANIFEST : "application/octet-stream");
            exchange.sendResponseHeaders(200, document.length == 0 ? -1 : document.length);
            if (document.length > 0) {
                exchange.getResponseBody().write(document);
            }
        }
    }

    private int pull(String image, String identity) throws Exception {
        Path policy = Files.writeString(
                folder.resolve("policy.json"),
                "{\"default\":[{\"type\":\"sigstoreSigned\",\"keyPath\":\"key.pub\",\"signedIdentity\":{\"type\":\""
                        + identity + "\"}}]}");
        return TenantCommand.run(
                "pull",
                host + "/" + image,
                "--policy",
                policy.toString(),
                "--insecure-registry",
                host,
                "--platform",
                "linux/amd64",
                "--progress",
                "none",
                "--store",
                Files.createTempDirectory(folder, "store").toString());
    }

    @Test
    void pull_signedImage_isAcceptedAndItsManifestFetchedOnce() throws Exception {
        assertThat(pull("team/app:t", "matchExact")).isEqualTo(ACCEPTED);
        // What was judged is what was unpacked: nobody asked for the manifest again, by tag or digest.
        assertThat(asked).filteredOn(target -> target.endsWith("/manifests/t")).hasSize(1);
        assertThat(asked).noneMatch(target -> target.endsWith("/manifests/" + signed));
    }

    @Test
    void pull_signatureOfAnotherImage_isRefused() throws Exception {
        String signatures = "/v2/team/app/manifests/" + CosignSignature.tagOf(signed);
        documents.put(
                "/v2/team/app/manifests/" + CosignSignature.tagOf(stranger),
                Optional.ofNullable(documents.get(signatures)).orElseThrow());
        assertThat(pull("team/app:stranger", "matchRepository")).isEqualTo(POLICY);
    }

    @Test
    void pull_signatureCopiedToAnotherRepository_isRefused() throws Exception {
        assertThat(pull("team/copied:t", "matchRepository")).isEqualTo(POLICY);
    }

    @Test
    void pull_signedImageUnderAnotherTag_isRefusedWhereTheTagCounts() throws Exception {
        documents.put(
                "/v2/team/app/manifests/newer",
                Optional.ofNullable(documents.get("/v2/team/app/manifests/t")).orElseThrow());
        assertThat(pull("team/app:newer", "matchExact")).isEqualTo(POLICY);
    }

    @Test
    void pull_referrersWithoutEnd_areGivenUp() throws Exception {
        documents.put(
                "/v2/team/app/referrers/" + signed,
                "{\"schemaVersion\":2,\"manifests\":[]}".getBytes(StandardCharsets.UTF_8));
        assertThat(pull("team/app:t", "matchExact")).isEqualTo(REGISTRY);
        assertThat(asked).filteredOn(target -> target.contains("/referrers/")).hasSize(16);
        // The payload under the tag; no layer, and not the configuration.
        assertThat(asked).filteredOn(target -> target.contains("/blobs/")).hasSize(1);
    }

    @Test
    void pull_withoutItsSignatures_isRefused() throws Exception {
        documents.remove("/v2/team/app/manifests/" + CosignSignature.tagOf(signed));
        assertThat(pull("team/app:t", "matchExact")).isEqualTo(POLICY);
    }
}
