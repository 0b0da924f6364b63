package dev.bulla.registry;

import static dev.bulla.registry.ScriptedRegistry.blobPath;
import static dev.bulla.registry.ScriptedRegistry.bytes;
import static dev.bulla.registry.ScriptedRegistry.challenge;
import static dev.bulla.registry.ScriptedRegistry.describe;
import static dev.bulla.registry.ScriptedRegistry.manifestPath;
import static dev.bulla.registry.ScriptedRegistry.redirect;
import static dev.bulla.registry.ScriptedRegistry.text;
import static dev.bulla.registry.ScriptedRegistry.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.ImageReference;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import mockwebserver3.MockResponse;
import okhttp3.Dns;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegistryRedirectTest {
    private static final byte[] CONTENT = utf8("the blob");
    private static final Descriptor BLOB = describe(CONTENT);

    private ScriptedRegistry registry;
    private ScriptedRegistry storage;
    private RegistryOptions options;

    @BeforeEach
    void start() throws IOException {
        registry = ScriptedRegistry.plain();
        storage = ScriptedRegistry.plain();
        options = registry.insecure()
                .withInsecureHost(storage.insecureHost())
                .withCredentials(r -> Optional.of(Credential.basic("user", "secret")));
        registry.on("GET /v2/", challenge("Basic realm=\"r\""));
    }

    @AfterEach
    void stop() {
        registry.close();
        storage.close();
    }

    private byte[] read() throws IOException {
        try (RegistryClient client = RegistryClient.open(registry.reference(), options)) {
            return client.readBlob(BLOB, 1000);
        }
    }

    private void refused(String message) {
        assertThatThrownBy(this::read)
                .isInstanceOf(RedirectRefusedException.class)
                .hasMessageContaining(message);
    }

    private static MockResponse content() {
        return bytes(CONTENT).build();
    }

    @Test
    void redirect_toAnotherPort_losesTheAuthorization() throws IOException {
        registry.on(blobPath(BLOB.digest()), redirect(storage.url("/blob?signature=abc")));
        storage.on("GET /blob", content());
        assertThat(read()).isEqualTo(CONTENT);
        assertThat(registry.asked("/v2/team").getFirst().header("Authorization"))
                .hasSize(1);
        assertThat(storage.asked()).hasSize(1);
        assertThat(storage.asked().getFirst().target()).isEqualTo("/blob?signature=abc");
        assertThat(storage.asked().getFirst().header("Authorization")).isEmpty();
        assertThat(storage.asked().getFirst().header("Cookie")).isEmpty();
    }

    @Test
    void redirect_toAnotherNameOfTheHost_losesTheAuthorization() throws Exception {
        String elsewhere = "http://localhost:" + registry.port() + "/blob";
        options = options.withInsecureHost(InsecureHost.parse("localhost:" + registry.port()));
        registry.on(blobPath(BLOB.digest()), redirect(elsewhere));
        registry.on("GET /blob", content());
        assertThat(read()).isEqualTo(CONTENT);
        assertThat(registry.asked("/blob").getFirst().header("Authorization")).isEmpty();
    }

    @Test
    void redirect_awayAndBack_doesNotRegainTheAuthorization() throws IOException {
        registry.on(blobPath(BLOB.digest()), redirect(storage.url("/hop")));
        storage.on("GET /hop", redirect(registry.url("/delete-everything")));
        registry.on("GET /delete-everything", content());
        assertThat(read()).isEqualTo(CONTENT);
        assertThat(registry.asked("/delete").getFirst().header("Authorization")).isEmpty();
    }

    @Test
    void redirect_withinTheRegistry_keepsTheAuthorization() throws IOException {
        registry.on(blobPath(BLOB.digest()), redirect("/v2/other/path"));
        registry.on("GET /v2/other/path", content());
        assertThat(read()).isEqualTo(CONTENT);
        assertThat(registry.asked("/v2/other").getFirst().header("Authorization"))
                .hasSize(1);
    }

    @Test
    void redirect_challengeOfTheOtherHost_isNotAnswered() {
        registry.on(blobPath(BLOB.digest()), redirect(storage.url("/blob")));
        storage.on("GET /blob", challenge("Basic realm=\"give me\""));
        assertThatThrownBy(this::read)
                .isInstanceOf(UnauthorizedException.class)
                .hasMessageContaining("http://" + storage.host());
        assertThat(storage.asked())
                .allSatisfy(a -> assertThat(a.header("Authorization")).isEmpty());
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void redirect_anyStatus_isFollowed(int status) throws IOException {
        registry.on(
                blobPath(BLOB.digest()),
                text(status, "").addHeader("Location", storage.url("/blob")).build());
        storage.on("GET /blob", content());
        assertThat(read()).isEqualTo(CONTENT);
    }

    @Test
    void redirect_five_areFollowed() throws IOException {
        chain(5);
        assertThat(read()).isEqualTo(CONTENT);
    }

    @Test
    void redirect_six_areRefused() {
        chain(6);
        refused("more than 5 redirects");
    }

    private void chain(int redirects) {
        registry.on(blobPath(BLOB.digest()), redirect("/hop1"));
        for (int i = 1; i < redirects; i++) {
            registry.on("GET /hop" + i, redirect("/hop" + (i + 1)));
        }
        registry.on("GET /hop" + redirects, content());
    }

    @Test
    void redirect_loop_isRefused() {
        registry.on(blobPath(BLOB.digest()), redirect(storage.url("/a")));
        storage.on("GET /a", redirect("/a"));
        refused("more than 5 redirects");
        assertThat(storage.asked()).hasSize(5);
    }

    @Test
    void redirect_withoutLocation_isRefused() {
        registry.on(blobPath(BLOB.digest()), ScriptedRegistry.status(307));
        refused("expected an http or https URL");
    }

    @ParameterizedTest
    @ValueSource(strings = {"file:///etc/passwd", "ftp://127.0.0.1/x", "http://"})
    void redirect_toNoHttpUrl_isRefused(String location) {
        registry.on(blobPath(BLOB.digest()), redirect(location));
        refused("expected an http or https URL");
    }

    @Test
    void redirect_toPlainHttpOfAHostNotNamed_isRefused() {
        options = registry.insecure();
        registry.on("GET /v2/", ScriptedRegistry.status(200));
        registry.on(blobPath(BLOB.digest()), redirect(storage.url("/blob")));
        refused("or a host that is named as insecure");
        assertThat(storage.asked()).isEmpty();
    }

    @Test
    void redirect_toTheLink_isRefused() throws Exception {
        options = options.withInsecureHost(InsecureHost.parse("169.254.169.254"));
        registry.on(blobPath(BLOB.digest()), redirect("http://169.254.169.254/latest/meta-data"));
        refused("nearer to us than its own");
    }

    @Test
    void redirect_toANameOfLoopbackFromARegistryElsewhere_isRefused() throws Exception {
        // the registry's host answers on loopback here, but is known to the resolver as a public address too late for
        // the connection: only the guard of the other name is looked at
        ImageReference reference = ImageReference.parse("registry.example:" + registry.port() + "/team/app");
        byte[] loopback = {127, 0, 0, 1};
        byte[] somewhere = {93, (byte) 184, (byte) 215, 14};
        int[] lookups = {0};
        Dns dns = host -> List.of(
                InetAddress.getByAddress(host.equals("registry.example") && lookups[0]++ > 0 ? somewhere : loopback));
        options = RegistryOptions.defaults()
                .withInsecureHost(InsecureHost.parse("registry.example:" + registry.port()))
                .withInsecureHost(InsecureHost.parse("internal.example:" + storage.port()));
        registry.on("GET /v2/", ScriptedRegistry.status(200));
        registry.on(blobPath(BLOB.digest()), redirect("http://internal.example:" + storage.port() + "/metrics"));
        Pace pace = Pace.of(Clock.systemUTC());
        try (RegistryClient client =
                new RegistryClient(new RegistryConnection(reference, "pull", options, pace, dns))) {
            assertThatThrownBy(() -> client.readBlob(BLOB, 1000))
                    .isInstanceOf(RedirectRefusedException.class)
                    .hasMessageContaining("internal.example");
        }
        assertThat(storage.asked()).isEmpty();
    }

    @Test
    void redirect_fromHttpsToHttp_isRefused(@TempDir Path folder) throws Exception {
        TestCertificate certificate = TestCertificate.make(folder, "ip:127.0.0.1");
        try (ScriptedRegistry secure = ScriptedRegistry.tls(certificate)) {
            secure.on(manifestPath("v1"), redirect(storage.url("/manifest")));
            RegistryOptions trusting = options.withRoots(List.of(certificate.certificate()));
            try (RegistryClient client = RegistryClient.open(secure.reference(), trusting)) {
                assertThatThrownBy(() -> client.fetchByTag("v1"))
                        .isInstanceOf(RedirectRefusedException.class)
                        .hasMessageContaining("redirects to http://" + storage.host() + ", expected https");
            }
            assertThat(storage.asked()).isEmpty();
        }
    }
}
