package dev.bulla.attestation.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.client.evidence.Attester;
import dev.bulla.attestation.client.evidence.SampleAttester;
import dev.bulla.attestation.protocol.Base64Url;
import dev.bulla.attestation.protocol.CompactJws;
import dev.bulla.attestation.protocol.ErrorInformation;
import dev.bulla.attestation.protocol.KbsJwe;
import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.attestation.protocol.ResourceUri;
import dev.bulla.attestation.protocol.Tee;
import dev.bulla.attestation.protocol.TeeKeyAlgorithm;
import dev.bulla.attestation.protocol.TeeKeyPair;
import dev.bulla.oci.json.JsonValue;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import mockwebserver3.SocketEffect;
import okio.Buffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The client against a server that answers anything. */
class HostileServerTest {
    private static final String AUTH = "/kbs/v0/auth";
    private static final String ATTEST = "/kbs/v0/attest";
    private static final String RESOURCE = "/kbs/v0/resource/a/b/c";
    private static final ResourceUri URI_C;

    static {
        try {
            URI_C = ResourceUri.parse("kbs:///a/b/c");
        } catch (KbsProtocolException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final MockWebServer server = new MockWebServer();
    private final Map<String, MockResponse> responses = new ConcurrentHashMap<>();
    private KbsClient client;

    @BeforeEach
    void start() throws Exception {
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                return responses.getOrDefault(
                        request.getUrl().encodedPath(),
                        new MockResponse.Builder().code(500).build());
            }
        });
        server.start();
        responses.put(AUTH, challenge("{\"nonce\":\"n\",\"extra-params\":\"\"}"));
        responses.put(ATTEST, ok("{\"token\":\"" + token("{\"iat\":1000,\"exp\":1300}") + "\"}"));
        responses.put(RESOURCE, refusal(401, "PolicyDeny"));
        client = builder().build();
    }

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    @Test
    void auth_malformedChallenge_badServer() {
        for (String body : new String[] {
            "",
            "{",
            "[]",
            "{}",
            "{\"nonce\":\"n\"}",
            "{\"nonce\":1,\"extra-params\":\"\"}",
            "{\"nonce\":\"n\",\"nonce\":\"m\",\"extra-params\":\"\"}",
            "{\"nonce\":\"\",\"extra-params\":\"\"}",
            "{\"nonce\":\"n\",\"extra-params\":{\"selected-hash-algorithm\":\"sm3\"}}",
            "{\"nonce\":\"n\",\"extra-params\":{\"selected-hash-algorithm\":[]}}",
            "{\"nonce\":\"n\",\"extra-params\":\"\"} x",
        }) {
            responses.put(AUTH, challenge(body));
            fails(BadServerException.class, "challenge");
        }
        assertThat(client.attestations()).isZero();
    }

    @Test
    void auth_noCookie_badServer() {
        responses.put(AUTH, ok("{\"nonce\":\"n\",\"extra-params\":\"\"}"));
        fails(BadServerException.class, "no cookie kbs-session-id");
    }

    @Test
    void anyStep_redirect_badServerAndNotFollowed() throws Exception {
        MockResponse redirect = new MockResponse.Builder()
                .code(307)
                .addHeader("Location", "http://elsewhere.invalid/")
                .build();
        for (String path : List.of(RESOURCE, ATTEST, AUTH)) {
            restart();
            responses.put(path, redirect);
            fails(BadServerException.class, "redirected to \"http://elsewhere.invalid/\"; redirects are not followed");
        }
    }

    @Test
    void anyStep_otherStatus_badServer() throws Exception {
        for (String path : List.of(RESOURCE, ATTEST, AUTH)) {
            restart();
            responses.put(path, refusal(500, "Broken"));
            fails(BadServerException.class, "status 500, \"Broken\", \"words of\\u{a}the server\"");
            responses.put(
                    path, new MockResponse.Builder().code(503).body("<html>").build());
            fails(BadServerException.class, "status 503, no error information");
            responses.put(path, new MockResponse.Builder().code(204).build());
            fails(BadServerException.class, "status 204");
        }
    }

    @Test
    void anyStep_answerTooLong_refusedAtOnce() throws Exception {
        responses.put(RESOURCE, ok("x".repeat(100_000)));
        fails(ResourceTooLargeException.class, "limit of 32 bytes");
        responses.put(RESOURCE, endless());
        fails(ResourceTooLargeException.class, "limit of 32 bytes");
        responses.put(ATTEST, endless());
        restart();
        fails(BadServerException.class, "longer than the limit of 263168 bytes");
        responses.put(AUTH, endless());
        fails(BadServerException.class, "longer than the limit of 65536 bytes");
        responses.put(
                AUTH,
                new MockResponse.Builder()
                        .code(500)
                        .body(new Buffer().write(new byte[3_000_000]))
                        .build());
        fails(BadServerException.class, "status 500, no error information");
    }

    /** The HTTP library reads the header by itself with these two, and has no checked exception for what it cannot read. */
    @Test
    void anyStep_retryAfterThatIsNoInt_typedFailure() throws Exception {
        for (int status : new int[] {408, 503}) {
            for (String path : List.of(RESOURCE, ATTEST, AUTH)) {
                restart();
                responses.put(
                        path,
                        new MockResponse.Builder()
                                .code(status)
                                .addHeader("Retry-After", "99999999999")
                                .build());
                fails(BadServerException.class, path.substring(1));
                responses.put(RESOURCE, refusal(401, "PolicyDeny"));
                responses.put(ATTEST, ok("{\"token\":\"" + token("{\"iat\":1000,\"exp\":1300}") + "\"}"));
                responses.put(AUTH, challenge("{\"nonce\":\"n\",\"extra-params\":\"\"}"));
            }
        }
    }

    @Test
    void attest_refused_evidenceRefusedInTheServersWords() {
        responses.put(ATTEST, refusal(401, "AttestationError"));
        fails(EvidenceRefusedException.class, "\"AttestationError\", \"words of\\u{a}the server\"");
        responses.put(AUTH, refusal(401, "AttestationError"));
        fails(EvidenceRefusedException.class, "does not begin an attestation of TEE sample by protocol 0.4.0");
    }

    @Test
    void attest_malformedToken_badServer() {
        for (String token : new String[] {
            "",
            "a.b",
            "e30.e30.",
            token("{\"iat\":1000,\"exp\":1300}").replaceFirst("\\.[^.]*$", "."),
            unsigned("{\"alg\":\"none\"}"),
            unsigned("{\"alg\":\"NoNe\"}"),
            unsigned("{\"alg\":1}"),
            unsigned("{\"typ\":\"JWT\"}"),
            unsigned("{\"alg\":\"ES256\",\"alg\":\"none\"}"),
            token("{\"exp\":1300}"),
            token("{\"iat\":1000}"),
            token("{\"iat\":1000,\"exp\":\"1300\"}"),
            token("{\"iat\":1000,\"exp\":1300,\"exp\":9000}"),
            token("{\"iat\":1000,\"exp\":99999999999999}"),
            "a".repeat(CompactJws.MAX_LENGTH + 1) + "..",
        }) {
            responses.put(ATTEST, ok("{\"token\":\"" + token + "\"}"));
            fails(BadServerException.class, "POST kbs/v0/attest");
        }
        responses.put(ATTEST, ok("{\"token\":null}"));
        fails(BadServerException.class, "$.token");
        assertThat(client.attestations()).isZero();
    }

    @Test
    void get_notAnEncryptedResource_badServer() {
        for (String body : new String[] {"", "{}", "plain", "{\"protected\":\"e30\"}"}) {
            responses.put(RESOURCE, ok(body));
            fails(BadServerException.class, "encrypted resource");
        }
    }

    @Test
    void get_encryptedToAnotherKey_badServer() {
        SecureRandom random = new SecureRandom();
        for (TeeKeyAlgorithm algorithm : TeeKeyAlgorithm.values()) {
            try (TeeKeyPair other = TeeKeyPair.generate(algorithm, random)) {
                byte[] sealed = KbsJwe.seal(new byte[32], other.publicKey(), random);
                responses.put(RESOURCE, ok(new String(sealed, StandardCharsets.UTF_8)));
                fails(BadServerException.class, "encrypted resource");
            }
        }
    }

    @Test
    void get_refusals_haveTheirType() {
        responses.put(RESOURCE, refusal(401, "PolicyDeny"));
        fails(DeniedByPolicyException.class, "\"PolicyDeny\"");
        responses.put(RESOURCE, refusal(403, "Whatever"));
        fails(DeniedByPolicyException.class, "status 403");
        responses.put(RESOURCE, refusal(401, "PluginInternalError"));
        fails(NoSuchResourceException.class, "\"PluginInternalError\"");
        responses.put(RESOURCE, refusal(404, "ResourceNotFound"));
        fails(NoSuchResourceException.class, "\"ResourceNotFound\"");
        responses.put(RESOURCE, new MockResponse.Builder().code(404).build());
        fails(NoSuchResourceException.class, "no error information");
        responses.put(RESOURCE, refusal(401, "TokenNotFound"));
        fails(EvidenceRefusedException.class, "\"TokenNotFound\"");
        responses.put(RESOURCE, new MockResponse.Builder().code(401).body("no").build());
        fails(EvidenceRefusedException.class, "no error information");
        responses.put(RESOURCE, refusal(401, "PolicyEngineError"));
        fails(BadServerException.class, "\"PolicyEngineError\"");
    }

    @Test
    void get_unauthorizedAlways_attestsAnewOnceAFetch() throws Exception {
        responses.put(RESOURCE, refusal(401, "TokenVerifierError"));
        fails(EvidenceRefusedException.class, "TokenVerifierError");
        assertThat(client.attestations()).isEqualTo(1);
        fails(EvidenceRefusedException.class, "TokenVerifierError");
        assertThat(client.attestations()).isEqualTo(2);
        assertThat(requests().stream().filter(r -> r.getUrl().encodedPath().equals(RESOURCE)))
                .hasSize(3);
    }

    @Test
    void requests_headers_areOurs() throws Exception {
        fails(DeniedByPolicyException.class, "PolicyDeny");
        List<RecordedRequest> requests = requests();
        assertThat(requests).extracting(r -> r.getUrl().encodedPath()).containsExactly(AUTH, ATTEST, RESOURCE);
        assertThat(requests).allSatisfy(request -> {
            assertThat(request.getHeaders().get("User-Agent")).isEqualTo("bulla/1.2.3");
            assertThat(request.getHeaders().get("Authorization")).isNull();
        });
        assertThat(requests.get(0).getHeaders().get("Cookie")).isNull();
        assertThat(requests.get(1).getHeaders().get("Cookie")).isEqualTo("kbs-session-id=one");
        assertThat(requests.get(2).getHeaders().get("Cookie")).isEqualTo("kbs-session-id=one");
    }

    @Test
    void cookies_ofOtherNameOrPath_areNotSent() throws Exception {
        responses.put(
                AUTH,
                challenge("{\"nonce\":\"n\",\"extra-params\":\"\"}")
                        .newBuilder()
                        .addHeader("Set-Cookie", "other=1")
                        .addHeader("Set-Cookie", "kbs-session-id=two; Path=/elsewhere")
                        .build());
        fails(DeniedByPolicyException.class, "PolicyDeny");
        assertThat(requests().get(1).getHeaders().get("Cookie")).isNull();
    }

    @Test
    void baseUrl_withPathAndSlash_isKept() throws Exception {
        client.close();
        client = KbsClient.builder(server.url("/base/").uri(), new SampleAttester())
                .insecureHttp()
                .build();
        fails(BadServerException.class, "status 500");
        assertThat(requests().getFirst().getUrl().encodedPath()).isEqualTo("/base/kbs/v0/auth");
    }

    @Test
    void build_unusableUrl_refused() {
        for (String url : new String[] {
            "ftp://host/", "kbs:///a/b/c", "http:/x", "http://user@host/", "http://host/?q", "http://host/#f", "host"
        }) {
            assertThatThrownBy(() -> KbsClient.builder(URI.create(url), new SampleAttester())
                            .insecureHttp()
                            .build())
                    .isInstanceOf(KbsConfigurationException.class)
                    .hasMessageContaining("KBS URL");
        }
    }

    @Test
    void build_urlWithAPassword_refusedWithoutIt() {
        for (String url : new String[] {"https://user:hidden@host/", "https://user:hidden@ho_st/"}) {
            assertThatThrownBy(() -> KbsClient.builder(URI.create(url), new SampleAttester())
                            .build())
                    .isInstanceOf(KbsConfigurationException.class)
                    .hasMessageNotContaining("hidden");
        }
    }

    /** Without the slashes of an authority there is no user to {@code java.net.URI}; there is one to OkHttp. */
    @Test
    void build_urlWithAPasswordInDisguise_refusedWithoutIt() {
        for (String url : new String[] {"https:user:hidden@host/", "https:/user:hidden@host/", "x:user:hidden@host"}) {
            assertThatThrownBy(() -> KbsClient.builder(URI.create(url), new SampleAttester())
                            .build())
                    .isInstanceOf(KbsConfigurationException.class)
                    .hasMessageNotContaining("hidden");
        }
    }

    @Test
    void build_unusablePins_refused() {
        byte[] noPem = "nothing".getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> KbsClient.builder(URI.create("https://host/"), new SampleAttester())
                        .pinnedRoots(noPem)
                        .build())
                .isInstanceOf(KbsConfigurationException.class)
                .hasMessageContaining("no X.509 certificate");
        assertThatThrownBy(() -> KbsClient.builder(URI.create("https://host/"), new SampleAttester())
                        .pinnedRoots(new byte[0])
                        .build())
                .isInstanceOf(KbsConfigurationException.class);
        assertThatThrownBy(() -> KbsClient.builder(URI.create("http://host/"), new SampleAttester())
                        .insecureHttp()
                        .pinnedRoots(noPem)
                        .build())
                .isInstanceOf(KbsConfigurationException.class)
                .hasMessageContaining("pinned and the URL is plain HTTP");
    }

    @Test
    void connection_cutOrSilent_unreachable() throws Exception {
        responses.put(
                RESOURCE,
                new MockResponse.Builder()
                        .body("x".repeat(1000))
                        .onResponseBody(new SocketEffect.CloseSocket())
                        .build());
        fails(KbsUnreachableException.class, "GET kbs/v0/resource/a/b/c");
        responses.put(
                RESOURCE,
                ok("x").newBuilder().headersDelay(10, TimeUnit.SECONDS).build());
        client.close();
        client = builder()
                .timeouts(Duration.ofSeconds(2), Duration.ofMillis(300))
                .build();
        // Which of two timers speaks, and in which step, depends on the machine.
        fails(KbsUnreachableException.class, "kbs/v0/");
    }

    /** Whoever waits for an attestation shares its failure: nobody tries again in its wake. */
    @Test
    void fetch_manyWhileOneAttestationFails_allFailByIt() throws Exception {
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger asked = new AtomicInteger();
        Attester failing = new Attester() {
            @Override
            public Tee tee() {
                return Tee.SAMPLE;
            }

            @Override
            public JsonValue evidence(byte[] reportData) throws EvidenceUnavailableException {
                asked.incrementAndGet();
                try {
                    release.await();
                } catch (InterruptedException e) {
                    throw new EvidenceUnavailableException("interrupted", e);
                }
                throw new EvidenceUnavailableException("no TEE");
            }
        };
        client.close();
        client =
                KbsClient.builder(server.url("/").uri(), failing).insecureHttp().build();
        List<Throwable> failures = new CopyOnWriteArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            threads.add(Thread.ofPlatform().start(() -> {
                try {
                    client.fetch(URI_C, 32);
                } catch (AttestationException e) {
                    failures.add(e);
                }
            }));
        }
        while (asked.get() == 0 || threads.stream().anyMatch(t -> t.getState() != Thread.State.WAITING)) {
            Thread.onSpinWait();
        }
        release.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failures)
                .hasSize(8)
                .allSatisfy(failure -> assertThat(failure)
                        .isInstanceOf(EvidenceUnavailableException.class)
                        .hasMessage("no TEE"));
        assertThat(asked).hasValue(1);
    }

    private void fails(Class<? extends AttestationException> type, String message) {
        assertThatThrownBy(() -> client.fetch(URI_C, 32))
                .isInstanceOf(type)
                .hasMessageContaining(message)
                .message()
                .doesNotContain("\n");
    }

    private KbsClient.Builder builder() {
        return KbsClient.builder(server.url("/").uri(), new SampleAttester())
                .insecureHttp()
                .pause(pause -> {})
                .version("1.2.3");
    }

    /** Begins anew, without a session. */
    private void restart() throws KbsConfigurationException {
        client.close();
        client = builder().build();
    }

    private List<RecordedRequest> requests() throws InterruptedException {
        List<RecordedRequest> requests = new ArrayList<>();
        while (requests.size() < server.getRequestCount()) {
            requests.add(server.takeRequest());
        }
        return requests;
    }

    private static MockResponse ok(String body) {
        return new MockResponse.Builder().code(200).body(body).build();
    }

    private static MockResponse challenge(String body) {
        return new MockResponse.Builder()
                .code(200)
                .addHeader("Set-Cookie", "kbs-session-id=one; Expires=Thu, 01 Jan 1970 00:20:00 GMT")
                .body(body)
                .build();
    }

    private static MockResponse refusal(int status, String variant) {
        byte[] body = ErrorInformation.of(variant, "words of\nthe server").toJson();
        return new MockResponse.Builder()
                .code(status)
                .body(new Buffer().write(body))
                .build();
    }

    private static MockResponse endless() {
        return new MockResponse.Builder()
                .code(200)
                .addHeader("Set-Cookie", "kbs-session-id=one")
                .chunkedBody(new Buffer().write(new byte[4_000_000]), 8192)
                .build();
    }

    /** A token that would do but for its header. */
    private static String unsigned(String header) {
        return Base64Url.encode(header.getBytes(StandardCharsets.UTF_8))
                + token("{\"iat\":1000,\"exp\":1300}").replaceFirst("^[^.]*", "");
    }

    private static String token(String claims) {
        return Base64Url.encode("{\"alg\":\"ES256\"}".getBytes(StandardCharsets.UTF_8)) + "."
                + Base64Url.encode(claims.getBytes(StandardCharsets.UTF_8)) + "."
                + Base64Url.encode(new byte[64]);
    }
}
