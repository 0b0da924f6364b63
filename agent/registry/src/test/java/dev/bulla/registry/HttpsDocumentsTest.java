package dev.bulla.registry;

import static dev.bulla.registry.ScriptedRegistry.bytes;
import static dev.bulla.registry.ScriptedRegistry.redirect;
import static dev.bulla.registry.ScriptedRegistry.status;
import static dev.bulla.registry.ScriptedRegistry.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HttpsDocumentsTest {
    private static final int LIMIT = 100;

    @TempDir
    private static Path folder;

    private static TestCertificate certificate;
    private static ScriptedRegistry server;
    private static ScriptedRegistry plain;

    @BeforeAll
    static void start() throws IOException {
        certificate = TestCertificate.make(folder, "ip:127.0.0.1");
        server = ScriptedRegistry.tls(certificate);
        plain = ScriptedRegistry.plain();
    }

    @AfterAll
    static void stop() {
        server.close();
        plain.close();
    }

    private static byte[] get(String url) throws RegistryException {
        RegistryOptions options = RegistryOptions.defaults()
                .withRoots(List.of(certificate.certificate()))
                .withCredentials(any -> Optional.of(Credential.basic("user", "secret")));
        try (HttpsDocuments documents = HttpsDocuments.open(options)) {
            return documents.get(URI.create(url), LIMIT);
        }
    }

    private static String secure(String path) {
        return server.url(path).replace("http:", "https:");
    }

    @Test
    void get_documentAtTheLimit_isGivenWithoutCredentials() throws Exception {
        server.on("GET /statement", bytes(new byte[LIMIT]).build());
        assertThat(get(secure("/statement"))).hasSize(LIMIT);
        assertThat(server.asked().getLast().header("Authorization")).isEmpty();
    }

    @Test
    void get_overTheLimit_refused() {
        server.on("GET /long", bytes(new byte[LIMIT + 1]).build());
        assertThatThrownBy(() -> get(secure("/long")))
                .isInstanceOf(ContentMismatchException.class)
                .hasMessageContaining("at most " + LIMIT + " bytes");
    }

    @Test
    void get_otherStatus_refused() {
        server.on("GET /gone", status(404));
        assertThatThrownBy(() -> get(secure("/gone"))).isInstanceOf(RegistryException.class);
    }

    @Test
    void get_plainHttp_refusedUnasked() {
        assertThatThrownBy(() -> get(plain.url("/statement")))
                .isInstanceOf(RegistryProtocolException.class)
                .hasMessageContaining("expected https");
        assertThatThrownBy(() -> get("https://user@127.0.0.1/statement")).isInstanceOf(RegistryProtocolException.class);
        assertThat(plain.asked()).isEmpty();
    }

    @Test
    void get_redirectToPlainHttp_refused() {
        plain.on("GET /other", bytes(utf8("other")).build());
        server.on("GET /redirect", redirect(plain.url("/other")));
        assertThatThrownBy(() -> get(secure("/redirect"))).isInstanceOf(RedirectRefusedException.class);
    }
}
