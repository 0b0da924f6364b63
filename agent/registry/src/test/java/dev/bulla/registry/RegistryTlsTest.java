package dev.bulla.registry;

import static dev.bulla.registry.ScriptedRegistry.challenge;
import static dev.bulla.registry.ScriptedRegistry.text;
import static dev.bulla.registry.ScriptedRegistry.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistryTlsTest {
    private static final byte[] MANIFEST = utf8("{}");

    @TempDir
    private static Path folder;

    private static TestCertificate right;
    private static TestCertificate otherName;
    private static ScriptedRegistry registry;
    private static ScriptedRegistry misnamed;

    @BeforeAll
    static void start() throws IOException {
        right = TestCertificate.make(folder, "ip:127.0.0.1");
        otherName = TestCertificate.make(folder, "dns:elsewhere.example");
        registry = ScriptedRegistry.tls(right);
        misnamed = ScriptedRegistry.tls(otherName);
        registry.manifest("v1", MANIFEST);
        misnamed.manifest("v1", MANIFEST);
    }

    @AfterAll
    static void stop() {
        registry.close();
        misnamed.close();
    }

    private static FetchedManifest fetch(ScriptedRegistry registry, RegistryOptions options) throws IOException {
        try (RegistryClient client = RegistryClient.open(registry.reference(), options)) {
            return client.fetchByTag("v1");
        }
    }

    @Test
    void tls_knownRoot_isVerified() throws IOException {
        RegistryOptions options = RegistryOptions.defaults().withRoots(List.of(right.certificate()));
        assertThat(fetch(registry, options).bytes()).isEqualTo(MANIFEST);
    }

    @Test
    void tls_unknownRoot_isRefusedAndNotAskedInPlain() {
        assertThatThrownBy(() -> fetch(registry, RegistryOptions.defaults()))
                .isInstanceOf(UnreachableException.class)
                .hasMessageContaining("TLS failed");
    }

    @Test
    void tls_rootOfAnotherRegistry_isRefused() {
        RegistryOptions options = RegistryOptions.defaults().withRoots(List.of(otherName.certificate()));
        assertThatThrownBy(() -> fetch(registry, options)).hasMessageContaining("TLS failed");
    }

    @Test
    void tls_wrongName_isRefused() {
        RegistryOptions options = RegistryOptions.defaults().withRoots(List.of(otherName.certificate()));
        assertThatThrownBy(() -> fetch(misnamed, options))
                .isInstanceOf(UnreachableException.class)
                .hasMessageContaining("not verified");
    }

    @Test
    void tls_hostNamedAsInsecure_isNotVerified() throws IOException {
        assertThat(fetch(misnamed, misnamed.insecure()).bytes()).isEqualTo(MANIFEST);
    }

    @Test
    void tls_anotherHostNamedAsInsecure_isVerified() {
        assertThatThrownBy(() -> fetch(misnamed, registry.insecure())).hasMessageContaining("TLS failed");
    }

    @Test
    void realm_plainHttpOfASecureRegistry_isRefused() throws IOException {
        try (ScriptedRegistry secure = ScriptedRegistry.tls(right);
                ScriptedRegistry tokens = ScriptedRegistry.plain()) {
            secure.on("GET /v2/", challenge("Bearer realm=\"" + tokens.url("/token") + "\""));
            tokens.on("GET /token", text(200, "{\"token\":\"t\"}").build());
            RegistryOptions options = RegistryOptions.defaults()
                    .withRoots(List.of(right.certificate()))
                    .withInsecureHost(tokens.insecureHost())
                    .withCredentials(r -> Optional.of(Credential.basic("user", "secret")));
            assertThatThrownBy(() -> fetch(secure, options))
                    .isInstanceOf(RedirectRefusedException.class)
                    .hasMessageContaining("expected https");
            assertThat(tokens.asked()).isEmpty();
        }
    }
}
