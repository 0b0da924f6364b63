package dev.bulla.attestation.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.client.evidence.SampleAttester;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import mockwebserver3.MockResponse;
import mockwebserver3.SocketEffect;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is tried again, how often, and after which pause. */
class RetriesTest {
    private FakeKbs kbs;
    private KbsClient client;

    @BeforeEach
    void start() throws Exception {
        kbs = new FakeKbs();
        client = kbs.builder(new SampleAttester()).build();
    }

    @AfterEach
    void stop() {
        client.close();
        kbs.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 502, 503, 504})
    void get_busy_askedAgain(int status) throws Exception {
        kbs.fault(FakeKbs.GET, FakeKbs.status(status));
        kbs.fault(FakeKbs.GET, FakeKbs.status(status));
        assertThat(client.fetch(FakeKbs.uri(), 32)).isEqualTo(FakeKbs.SECRET);
        assertThat(kbs.asked).containsExactly("auth", "attest", FakeKbs.GET, FakeKbs.GET, FakeKbs.GET);
        assertThat(client.attestations()).isEqualTo(1);
        assertPauses(kbs.pauses, 2);
    }

    @Test
    void get_busyThreeTimes_givenUp() throws Exception {
        for (int i = 0; i < 3; i++) {
            kbs.fault(FakeKbs.GET, FakeKbs.refusal(503, "Busy"));
        }
        assertThatThrownBy(() -> client.fetch(FakeKbs.uri(), 32))
                .isInstanceOf(BadServerException.class)
                .hasMessageContaining("status 503, \"Busy\"");
        assertThat(kbs.asked).hasSize(5);
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 403, 404, 500, 501, 200, 204, 307})
    void get_anythingElse_isFinal(int status) throws Exception {
        kbs.fault(FakeKbs.GET, FakeKbs.status(status));
        assertThatThrownBy(() -> client.fetch(FakeKbs.uri(), 32)).isInstanceOf(AttestationException.class);
        assertThat(kbs.asked).containsExactly("auth", "attest", FakeKbs.GET);
        assertThat(kbs.pauses).isEmpty();
    }

    @Test
    void get_sessionEnded_attestsAnewOnceAndAsksThreeTimesInAll() throws Exception {
        client.fetch(FakeKbs.uri(), 32);
        kbs.asked.clear();
        kbs.fault(FakeKbs.GET, FakeKbs.status(503));
        kbs.fault(FakeKbs.GET, FakeKbs.refusal(401, "TokenVerifierError"));
        kbs.fault(FakeKbs.GET, FakeKbs.status(503));
        assertThatThrownBy(() -> client.fetch(FakeKbs.uri(), 32)).isInstanceOf(BadServerException.class);
        assertThat(kbs.asked).containsExactly(FakeKbs.GET, FakeKbs.GET, "auth", "attest", FakeKbs.GET);
    }

    @Test
    void get_cutOrSilent_askedAgain() throws Exception {
        client.close();
        client = kbs.builder(new SampleAttester())
                .timeouts(Duration.ofSeconds(5), Duration.ofMillis(400))
                .build();
        client.fetch(FakeKbs.uri(), 32);
        kbs.asked.clear();
        kbs.fault(
                FakeKbs.GET,
                new MockResponse.Builder()
                        .body("x".repeat(1000))
                        .onResponseBody(new SocketEffect.CloseSocket())
                        .build());
        kbs.fault(
                FakeKbs.GET,
                FakeKbs.ok("x").newBuilder().headersDelay(20, TimeUnit.SECONDS).build());
        assertThat(client.fetch(FakeKbs.uri(), 32)).isEqualTo(FakeKbs.SECRET);
        assertThat(kbs.asked).containsExactly(FakeKbs.GET, FakeKbs.GET, FakeKbs.GET);
    }

    /** A nonce that was answered is spent, whatever came of it: the next try has another, and another key. */
    @Test
    void attest_busyOrCut_beginsAnewWithAnotherChallenge() throws Exception {
        kbs.fault(FakeKbs.ATTEST, FakeKbs.status(503));
        kbs.fault(
                FakeKbs.ATTEST,
                new MockResponse.Builder()
                        .onResponseStart(new SocketEffect.CloseSocket())
                        .build());
        assertThat(client.fetch(FakeKbs.uri(), 32)).isEqualTo(FakeKbs.SECRET);
        assertThat(kbs.asked).containsExactly("auth", "attest", "auth", "attest", "auth", "attest", FakeKbs.GET);
        assertThat(kbs.attestations)
                .extracting(attestation -> attestation.runtimeData().nonce())
                .containsExactly("nonce-1", "nonce-2", "nonce-3");
        assertThat(kbs.attestations)
                .extracting(attestation -> attestation.runtimeData().teePublicKey())
                .doesNotHaveDuplicates();
        assertThat(client.attestations()).isEqualTo(1);
    }

    @Test
    void attest_notAnsweredInTime_isFinal() throws Exception {
        client.close();
        client = kbs.builder(new SampleAttester())
                .timeouts(Duration.ofSeconds(5), Duration.ofMillis(400))
                .build();
        kbs.fault(
                FakeKbs.ATTEST,
                FakeKbs.ok("x").newBuilder().headersDelay(20, TimeUnit.SECONDS).build());
        assertThatThrownBy(() -> client.fetch(FakeKbs.uri(), 32)).isInstanceOf(KbsUnreachableException.class);
        assertThat(kbs.pauses).isEmpty();
    }

    @Test
    void handshake_busyFiveTimes_givenUp() throws Exception {
        for (int i = 0; i < 6; i++) {
            kbs.fault(FakeKbs.AUTH, FakeKbs.status(502));
        }
        assertThatThrownBy(() -> client.fetch(FakeKbs.uri(), 32)).isInstanceOf(BadServerException.class);
        assertThat(kbs.asked).containsExactly("auth", "auth", "auth", "auth", "auth");
        assertPauses(kbs.pauses, 4);
    }

    @Test
    void handshake_refused_isFinal() throws Exception {
        kbs.fault(FakeKbs.ATTEST, FakeKbs.refusal(401, "AttestationError"));
        assertThatThrownBy(() -> client.fetch(FakeKbs.uri(), 32)).isInstanceOf(EvidenceRefusedException.class);
        assertThat(kbs.asked).containsExactly("auth", "attest");
    }

    @Test
    void handshake_noEvidence_isFinal() throws Exception {
        client.close();
        client = kbs.builder(new Devices.Failing()).build();
        assertThatThrownBy(() -> client.fetch(FakeKbs.uri(), 32)).isInstanceOf(EvidenceUnavailableException.class);
        assertThat(kbs.asked).containsExactly("auth");
    }

    @Test
    void connection_refused_triedFiveTimes() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        List<Duration> pauses = new ArrayList<>();
        try (KbsClient nobody = KbsClient.builder(URI.create("http://127.0.0.1:" + port), new SampleAttester())
                .insecureHttp()
                .pause(pauses::add)
                .build()) {
            assertThatThrownBy(() -> nobody.fetch(FakeKbs.uri(), 32)).isInstanceOf(KbsUnreachableException.class);
        }
        assertPauses(pauses, 4);
    }

    /** A server that speaks no TLS will not do so a moment later. */
    @Test
    void connection_noTls_isFinal() throws Exception {
        // By hand: the mock server takes random bytes of a TLS greeting for a request, and does not always answer one.
        try (ServerSocket plain = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                KbsClient tls = KbsClient.builder(
                                URI.create("https://127.0.0.1:" + plain.getLocalPort()), new SampleAttester())
                        .pause(time -> {
                            throw new IllegalStateException("tried again");
                        })
                        .build()) {
            FutureTask<Integer> answered = new FutureTask<>(() -> {
                try (Socket socket = plain.accept()) {
                    socket.getOutputStream()
                            .write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    socket.shutdownOutput();
                    return socket.getInputStream().readAllBytes().length;
                }
            });
            Thread.ofPlatform().start(answered);
            assertThatThrownBy(() -> tls.fetch(FakeKbs.uri(), 32)).isInstanceOf(KbsUnreachableException.class);
            assertThat(answered.get()).isPositive();
        }
    }

    @Test
    void retryAfter_withinTheLimit_isWaitedFor() throws Exception {
        kbs.fault(FakeKbs.GET, busy("30"));
        client.fetch(FakeKbs.uri(), 32);
        assertThat(kbs.pauses)
                .singleElement()
                .satisfies(pause -> assertThat(pause)
                        .isBetween(Retries.MAX_RETRY_AFTER, Retries.MAX_RETRY_AFTER.plus(Retries.FIRST_PAUSE)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"31", "999999999"})
    void retryAfter_overTheLimit_isFinal(String seconds) throws Exception {
        kbs.fault(FakeKbs.GET, busy(seconds));
        assertThatThrownBy(() -> client.fetch(FakeKbs.uri(), 32)).isInstanceOf(BadServerException.class);
        assertThat(kbs.pauses).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Wed, 21 Oct 2099 07:28:00 GMT", "-1", "9999999999", "x"})
    void retryAfter_noNumberOfSeconds_isLeftAside(String text) throws Exception {
        kbs.fault(FakeKbs.GET, busy(text));
        assertThat(client.fetch(FakeKbs.uri(), 32)).isEqualTo(FakeKbs.SECRET);
        assertPauses(kbs.pauses, 1);
    }

    @Test
    void run_deadlinePassedOrClockSetBack_givenUp() {
        for (Duration step : List.of(Retries.DEADLINE, Duration.ofSeconds(-1))) {
            Instant begun = Instant.parse("2026-11-20T12:00:00Z");
            Instant[] now = {begun};
            Retries.Attempts attempts = new Retries(() -> now[0], pause -> {}, new SecureRandom()).begin(5);
            int[] made = {0};
            assertThatThrownBy(() -> attempts.run(() -> {
                        made[0]++;
                        now[0] = begun.plus(step);
                        throw BadServerException.busy("busy", Duration.ZERO);
                    }))
                    .isInstanceOf(BadServerException.class);
            assertThat(made[0]).isEqualTo(1);
        }
    }

    @Test
    void run_interruptedInAPause_throwsWhatFailed() {
        Retries.Attempts attempts = new Retries(
                        Instant::now,
                        pause -> {
                            throw new InterruptedException();
                        },
                        new SecureRandom())
                .begin(5);
        assertThatThrownBy(() -> attempts.run(() -> {
                    throw BadServerException.busy("busy", Duration.ZERO);
                }))
                .hasMessage("busy");
        assertThat(Thread.interrupted()).isTrue();
    }

    /** Doubling, and shortened by at most a half. */
    private static void assertPauses(List<Duration> pauses, int count) {
        assertThat(pauses).hasSize(count);
        for (int i = 0; i < count; i++) {
            long longest = Retries.FIRST_PAUSE.toMillis() << i;
            assertThat(pauses.get(i).toMillis()).isBetween(longest - longest / 2, longest);
        }
    }

    private static MockResponse busy(String retryAfter) {
        return FakeKbs.status(429)
                .newBuilder()
                .addHeader("Retry-After", retryAfter)
                .build();
    }
}
