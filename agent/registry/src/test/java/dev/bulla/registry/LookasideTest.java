package dev.bulla.registry;

import static dev.bulla.registry.ScriptedRegistry.bytes;
import static dev.bulla.registry.ScriptedRegistry.redirect;
import static dev.bulla.registry.ScriptedRegistry.status;
import static dev.bulla.registry.ScriptedRegistry.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import dev.bulla.oci.OciException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import okhttp3.Dns;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LookasideTest {
    private static final Digest SIGNED = Digest.Algorithm.SHA256.of(new byte[] {1});
    private static final String PATH = "/sigs/team/app@sha256=" + SIGNED.hex() + "/signature-";
    private static final int LIMIT = 100;

    @TempDir
    private Path folder;

    private ScriptedRegistry server;
    private ScriptedRegistry elsewhere;
    private ImageReference image;
    private RegistryOptions options;

    @BeforeEach
    void start() throws Exception {
        server = ScriptedRegistry.plain();
        elsewhere = ScriptedRegistry.plain();
        image = ImageReference.parse("reg.example/team/app:1");
        options = RegistryOptions.defaults().withCredentials(any -> Optional.of(Credential.basic("user", "secret")));
    }

    @AfterEach
    void stop() {
        server.close();
        elsewhere.close();
    }

    private static LookasideConfiguration at(String url) throws RegistryException {
        return LookasideConfiguration.parse(
                ("default-docker: {lookaside: \"" + url + "\"}").getBytes(StandardCharsets.UTF_8));
    }

    private Optional<byte[]> get(int number) throws RegistryException {
        try (Lookaside lookaside = Lookaside.open(at(server.url("/sigs")), options)) {
            return lookaside.signature(image, SIGNED, number, LIMIT);
        }
    }

    private Optional<byte[]> read(int number) throws RegistryException {
        try (Lookaside lookaside = Lookaside.open(at(folder.toUri().toString()), options)) {
            return lookaside.signature(image, SIGNED, number, LIMIT);
        }
    }

    private Path file(int number, byte[] content) throws IOException {
        Path file = folder.resolve("team/app@sha256=" + SIGNED.hex() + "/signature-" + number);
        Files.createDirectories(file.getParent());
        return Files.write(file, content);
    }

    @Test
    void http_signature_isGivenWithoutCredentials() throws Exception {
        server.on("GET " + PATH + 2, bytes(utf8("two")).build());
        assertThat(get(2)).hasValueSatisfying(bytes -> assertThat(bytes).isEqualTo(utf8("two")));
        assertThat(server.asked()).hasSize(1);
        assertThat(server.asked().getFirst().header("Authorization")).isEmpty();
    }

    @Test
    void http_404_isTheEnd() throws Exception {
        assertThat(get(1)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {204, 400, 401, 403, 410})
    void http_otherStatus_fails(int status) {
        server.on("GET " + PATH + 1, status(status));
        assertThatThrownBy(() -> get(1)).isInstanceOf(RegistryException.class).hasMessageContaining("status " + status);
    }

    @Test
    void http_serverFailure_isTriedAgain() throws Exception {
        server.on(
                "GET " + PATH + 1,
                ScriptedRegistry.inTurn(status(503), bytes(utf8("x")).build()));
        Pace pace = new Pace(Clock.systemUTC(), System::nanoTime, duration -> {});
        try (Lookaside lookaside = new Lookaside(at(server.url("/sigs")), options, pace, Dns.SYSTEM)) {
            assertThat(lookaside.signature(image, SIGNED, 1, LIMIT)).isPresent();
        }
    }

    @Test
    void http_lengthAtTheLimit_isGiven() throws Exception {
        server.on("GET " + PATH + 1, bytes(new byte[LIMIT]).build());
        assertThat(get(1)).hasValueSatisfying(bytes -> assertThat(bytes).hasSize(LIMIT));
    }

    @Test
    void http_lengthOverTheLimit_isRefused() {
        server.on("GET " + PATH + 1, bytes(new byte[LIMIT + 1]).build());
        assertThatThrownBy(() -> get(1)).isInstanceOf(ContentMismatchException.class);
    }

    @Test
    void http_redirectOnTheStoresHost_isFollowed() throws Exception {
        server.on("GET " + PATH + 1, redirect("/moved"));
        server.on("GET /moved", bytes(utf8("x")).build());
        assertThat(get(1)).isPresent();
    }

    @Test
    void http_redirectToPlainHttpElsewhere_isRefused() {
        server.on("GET " + PATH + 1, redirect(elsewhere.url("/x")));
        assertThatThrownBy(() -> get(1)).isInstanceOf(RedirectRefusedException.class);
        assertThat(elsewhere.asked()).isEmpty();
    }

    @Test
    void http_redirectToTheLink_isRefused() throws Exception {
        server.on("GET " + PATH + 1, redirect("https://169.254.169.254/latest"));
        assertThatThrownBy(() -> get(1)).isInstanceOf(RedirectRefusedException.class);
    }

    @Test
    void https_untrustedCertificate_isRefused() throws Exception {
        try (ScriptedRegistry tls = ScriptedRegistry.tls(TestCertificate.make(folder, "ip:127.0.0.1"));
                Lookaside lookaside = Lookaside.open(at("https://" + tls.host() + "/sigs"), options)) {
            assertThatThrownBy(() -> lookaside.signature(image, SIGNED, 1, LIMIT))
                    .isInstanceOf(UnreachableException.class)
                    .hasMessageContaining("TLS");
        }
    }

    @Test
    void file_signature_isGiven() throws Exception {
        file(1, utf8("one"));
        assertThat(read(1)).hasValueSatisfying(bytes -> assertThat(bytes).isEqualTo(utf8("one")));
        assertThat(read(2)).isEmpty();
    }

    @Test
    void file_lengthAtTheLimit_isGiven() throws Exception {
        file(1, new byte[LIMIT]);
        assertThat(read(1)).isPresent();
    }

    @Test
    void file_lengthOverTheLimit_isRefused() throws Exception {
        file(1, new byte[LIMIT + 1]);
        assertThatThrownBy(() -> read(1)).isInstanceOf(ContentMismatchException.class);
    }

    @Test
    void file_linkOutOfTheStore_isRefused(@TempDir Path outside) throws Exception {
        Path secret = Files.writeString(outside.resolve("secret"), "secret");
        Path file = file(1, new byte[0]);
        Files.delete(file);
        Files.createSymbolicLink(file, secret);
        assertThatThrownBy(() -> read(1))
                .isInstanceOf(ContentMismatchException.class)
                .hasMessageContaining("link out of");
    }

    @Test
    void file_linkInTheStore_isFollowed() throws Exception {
        Files.createSymbolicLink(file(2, utf8("x")).resolveSibling("signature-1"), Path.of("signature-2"));
        assertThat(read(1)).isPresent();
    }

    @Test
    void file_folderInstead_isRefused() throws Exception {
        Path file = file(1, new byte[0]);
        Files.delete(file);
        Files.createDirectory(file);
        assertThatThrownBy(() -> read(1)).hasMessageContaining("no regular file");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "reg.example/../../etc/passwd",
                "reg.example/a/../b",
                "reg.example/a/./b",
                "reg.example//a",
                "reg.example/a%2f..%2fb",
                "reg.example/a\\b",
                "reg.example/a?b",
                "reg.example/a#b"
            })
    void name_thatWouldLeaveTheStore_isNoName(String name) {
        assertThatThrownBy(() -> ImageReference.parse(name)).isInstanceOf(OciException.class);
    }

    @Test
    void nothingConfigured_isNoSignature() throws Exception {
        try (Lookaside lookaside = Lookaside.open(LookasideConfiguration.NONE, options)) {
            assertThat(lookaside.signature(image, SIGNED, 1, LIMIT)).isEmpty();
        }
    }
}
