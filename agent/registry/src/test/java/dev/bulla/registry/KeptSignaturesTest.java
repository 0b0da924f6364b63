package dev.bulla.registry;

import static dev.bulla.registry.ScriptedRegistry.challenge;
import static dev.bulla.registry.ScriptedRegistry.redirect;
import static dev.bulla.registry.ScriptedRegistry.status;
import static dev.bulla.registry.ScriptedRegistry.text;
import static dev.bulla.registry.ScriptedRegistry.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.oci.Digest;
import java.io.IOException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import mockwebserver3.MockResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeptSignaturesTest {
    private static final Digest SIGNED = Digest.Algorithm.SHA256.of(new byte[] {1});
    private static final String PATH = "GET /extensions/v2/" + ScriptedRegistry.REPOSITORY + "/signatures/" + SIGNED;

    private ScriptedRegistry registry;
    private RegistryOptions options;

    @BeforeEach
    void start() throws IOException {
        registry = ScriptedRegistry.plain();
        options = registry.insecure();
        registry.on("GET /v2/", supporting(200));
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    private static MockResponse supporting(int status) {
        return new MockResponse.Builder()
                .code(status)
                .addHeader("X-Registry-Supports-Signatures", "1")
                .build();
    }

    private List<byte[]> kept() throws IOException {
        try (RegistryClient client = RegistryClient.open(registry.reference(), options)) {
            return client.keptSignatures(SIGNED, 10_000);
        }
    }

    private static String item(int version, String type, String content) {
        return "{\"schemaVersion\":" + version + ",\"name\":\"n\",\"type\":\"" + type + "\",\"content\":\""
                + Base64.getEncoder().encodeToString(utf8(content)) + "\"}";
    }

    @Test
    void kept_atomicOfVersion2_areGiven() throws IOException {
        registry.on(
                PATH,
                text(
                                200,
                                "{\"signatures\":[" + item(2, "atomic", "a") + "," + item(1, "atomic", "b") + ","
                                        + item(2, "other", "c") + "," + item(2, "atomic", "d") + ",{}]}")
                        .build());
        assertThat(kept()).containsExactly(utf8("a"), utf8("d"));
    }

    @Test
    void kept_registryThatDoesNotSaySo_isNotAsked() throws IOException {
        registry.on("GET /v2/", status(200));
        assertThat(kept()).isEmpty();
        assertThat(registry.asked()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"signatures\":null}", "{\"signatures\":[]}"})
    void kept_emptyList_isNone(String list) throws IOException {
        registry.on(PATH, text(200, list).build());
        assertThat(kept()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {404, 403, 204})
    void kept_otherStatus_fails(int status) {
        registry.on(PATH, status(status));
        assertThatThrownBy(this::kept).isInstanceOf(RegistryException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "{\"signatures\":{}}",
                "{\"signatures\":[1]}",
                "{\"signatures\":[{\"schemaVersion\":2,\"type\":\"atomic\"}]}",
                "{\"signatures\":[{\"schemaVersion\":2,\"type\":\"atomic\",\"content\":\"*\"}]}",
                "{\"signatures\":[{\"schemaVersion\":\"2\",\"type\":\"atomic\",\"content\":\"\"}]}"
            })
    void kept_malformedList_isRefused(String list) {
        registry.on(PATH, text(200, list).build());
        assertThatThrownBy(this::kept).isInstanceOf(RegistryProtocolException.class);
    }

    @Test
    void kept_listAtTheLimit_isRead() throws IOException {
        registry.on(PATH, text(200, "{}" + " ".repeat(9_998)).build());
        assertThat(kept()).isEmpty();
    }

    @Test
    void kept_listOverTheLimit_isRefused() {
        registry.on(PATH, text(200, "{}" + " ".repeat(9_999)).build());
        assertThatThrownBy(this::kept).isInstanceOf(ContentMismatchException.class);
    }

    @Test
    void kept_redirectElsewhere_losesTheAuthorization() throws IOException {
        try (ScriptedRegistry elsewhere = ScriptedRegistry.plain()) {
            options = options.withInsecureHost(elsewhere.insecureHost())
                    .withCredentials(any -> Optional.of(Credential.basic("user", "secret")));
            registry.on(
                    "GET /v2/",
                    challenge("Basic realm=\"r\"")
                            .newBuilder()
                            .addHeader("X-Registry-Supports-Signatures", "1")
                            .build());
            registry.on(PATH, redirect(elsewhere.url("/list")));
            elsewhere.on(
                    "GET /list",
                    text(200, "{\"signatures\":[" + item(2, "atomic", "a") + "]}")
                            .build());
            assertThat(kept()).hasSize(1);
            assertThat(registry.asked("/extensions").getFirst().header("Authorization"))
                    .hasSize(1);
            assertThat(elsewhere.asked().getFirst().header("Authorization")).isEmpty();
        }
    }
}
