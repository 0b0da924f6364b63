package dev.bulla.registry;

import static dev.bulla.registry.ScriptedRegistry.blobPath;
import static dev.bulla.registry.ScriptedRegistry.bytes;
import static dev.bulla.registry.ScriptedRegistry.inTurn;
import static dev.bulla.registry.ScriptedRegistry.manifestPath;
import static dev.bulla.registry.ScriptedRegistry.status;
import static dev.bulla.registry.ScriptedRegistry.text;
import static dev.bulla.registry.ScriptedRegistry.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.oci.Descriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import mockwebserver3.MockResponse;
import mockwebserver3.SocketEffect;
import okhttp3.Dns;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RegistryPatienceTest {
    private static final byte[] MANIFEST = utf8("{}");
    private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");

    private final List<Duration> waits = new CopyOnWriteArrayList<>();
    private ScriptedRegistry registry;
    private RegistryClient client;

    @BeforeEach
    void start() throws IOException {
        registry = ScriptedRegistry.plain();
        Pace pace = new Pace(Clock.fixed(NOW, ZoneOffset.UTC), System::nanoTime, waits::add);
        RegistryOptions options = registry.insecure()
                .withTimeouts(
                        new Timeouts(Duration.ofMillis(500), Duration.ofMillis(300), Duration.ofMillis(400), 10_000));
        client = new RegistryClient(new RegistryConnection(registry.reference(), "pull", options, pace, Dns.SYSTEM));
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        registry.close();
    }

    private static MockResponse manifest() {
        return bytes(MANIFEST).build();
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 500, 502, 503, 504})
    void retry_busyTwice_succeedsAfterGrowingWaits(int code) throws IOException {
        registry.on(manifestPath("v1"), inTurn(status(code), status(code), manifest()));
        assertThat(client.fetchByTag("v1").bytes()).isEqualTo(MANIFEST);
        assertThat(waits).containsExactly(Duration.ofMillis(500), Duration.ofSeconds(1));
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 503})
    void retry_busyForEver_isUnreachableAfterThreeTries(int code) {
        registry.on(manifestPath("v1"), text(code, "later").build());
        assertThatThrownBy(() -> client.fetchByTag("v1"))
                .isInstanceOf(UnreachableException.class)
                .hasMessageContaining("got status " + code)
                .hasMessageEndingWith("\"later\"");
        assertThat(registry.asked("/v2/team")).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 403, 404, 410})
    void retry_refusal_isNotTriedAgain(int code) {
        registry.on(manifestPath("v1"), status(code));
        assertThatThrownBy(() -> client.fetchByTag("v1")).isInstanceOf(RegistryException.class);
        assertThat(registry.asked("/v2/team")).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "'0', 0",
        "' 7 ', 7",
        "'60', 60",
        "'61', 60",
        "'999999999', 60",
        "'Sat, 21 Nov 2026 12:00:09 GMT', 9",
        "'Sat, 21 Nov 2026 13:00:00 GMT', 60",
        "'Sat, 21 Nov 2026 11:00:00 GMT', 0",
    })
    void retryAfter_readable_isHonouredUpToAMinute(String header, long seconds) throws IOException {
        registry.on(
                manifestPath("v1"),
                inTurn(text(429, "").addHeader("Retry-After", header).build(), manifest()));
        client.fetchByTag("v1");
        assertThat(waits).containsExactly(Duration.ofSeconds(seconds));
    }

    @ParameterizedTest
    @ValueSource(strings = {"soon", "-1", "1.5", "99999999999999999999", "Sat, 99 Nov 2026 12:00:09 GMT"})
    void retryAfter_unreadable_isPassedOver(String header) throws IOException {
        registry.on(
                manifestPath("v1"),
                inTurn(text(429, "").addHeader("Retry-After", header).build(), manifest()));
        client.fetchByTag("v1");
        assertThat(waits).containsExactly(Duration.ofMillis(500));
    }

    @Test
    void retry_connectionClosedBeforeTheAnswer_isTriedAgain() throws IOException {
        MockResponse closed = new MockResponse.Builder()
                .onResponseStart(new SocketEffect.CloseSocket(true, true, true))
                .build();
        registry.on(manifestPath("v1"), inTurn(closed, manifest()));
        assertThat(client.fetchByTag("v1").bytes()).isEqualTo(MANIFEST);
    }

    @Test
    void answer_noHeadersInTime_isTooSlow() {
        registry.on(
                manifestPath("v1"),
                bytes(MANIFEST).headersDelay(5, TimeUnit.SECONDS).build());
        assertThatThrownBy(() -> client.fetchByTag("v1"))
                .isInstanceOf(TooSlowException.class)
                .hasMessageContaining("no answer");
        assertThat(registry.asked("/v2/team")).hasSize(1);
    }

    @Test
    void body_silent_isTooSlow() {
        byte[] content = new byte[1000];
        Descriptor blob = ScriptedRegistry.describe(content);
        registry.on(
                blobPath(blob.digest()),
                bytes(content).bodyDelay(5, TimeUnit.SECONDS).build());
        assertThatThrownBy(() -> client.readBlob(blob, 1000))
                .isInstanceOf(TooSlowException.class)
                .hasMessageContaining("no byte for 300 ms");
    }

    @Test
    void body_slowDrip_isTooSlow() {
        byte[] content = new byte[100_000];
        Descriptor blob = ScriptedRegistry.describe(content);
        registry.on(
                blobPath(blob.digest()),
                bytes(content).throttleBody(100, 50, TimeUnit.MILLISECONDS).build());
        assertThatThrownBy(() -> client.readBlob(blob, content.length))
                .isInstanceOf(TooSlowException.class)
                .hasMessageContaining("expected at least 10000");
    }

    @Test
    void window_leastBytesExactly_goesOn() throws IOException {
        assertThat(drain(1000, 3).length).isEqualTo(3000);
    }

    @Test
    void window_oneByteLess_isTooSlow() {
        assertThatThrownBy(() -> drain(999, 3))
                .isInstanceOf(TooSlowException.class)
                .hasMessageContaining("got 999 bytes");
    }

    /** Reads chunks, each of which takes a whole window whose least is 1000 bytes. */
    private static byte[] drain(int chunk, int chunks) throws IOException {
        AtomicLong nanos = new AtomicLong();
        Timeouts timeouts = new Timeouts(Duration.ofSeconds(1), Duration.ofSeconds(9), Duration.ofSeconds(3), 1000);
        InputStream slow = new ByteArrayInputStream(new byte[chunk * chunks]) {
            @Override
            public synchronized int read(byte[] bytes, int offset, int length) {
                nanos.addAndGet(TimeUnit.SECONDS.toNanos(3));
                return super.read(bytes, offset, Math.min(length, chunk));
            }
        };
        try (PacedStream paced = new PacedStream(slow, "here", timeouts, nanos::get)) {
            return paced.readAllBytes();
        }
    }

    @Test
    void window_timeOfTheReader_doesNotCount() throws IOException {
        AtomicLong nanos = new AtomicLong();
        Timeouts timeouts = new Timeouts(Duration.ofSeconds(1), Duration.ofSeconds(9), Duration.ofSeconds(3), 1000);
        try (PacedStream paced =
                new PacedStream(new ByteArrayInputStream(new byte[100]), "here", timeouts, nanos::get)) {
            int count = 0;
            while (paced.read() >= 0) {
                count++;
                nanos.addAndGet(TimeUnit.SECONDS.toNanos(10));
            }
            assertThat(count).isEqualTo(100);
        }
    }

    @Test
    void pause_interrupted_isUnreachableAndStaysInterrupted() {
        Pace interrupted = new Pace(Clock.systemUTC(), System::nanoTime, wait -> {
            throw new InterruptedException();
        });
        registry.on(manifestPath("v1"), status(503));
        RegistryOptions options = registry.insecure();
        try (RegistryClient other = new RegistryClient(
                new RegistryConnection(registry.reference(), "pull", options, interrupted, Dns.SYSTEM))) {
            assertThatThrownBy(() -> other.fetchByTag("v1"))
                    .isInstanceOf(UnreachableException.class)
                    .hasMessageContaining("interrupted");
            assertThat(Thread.interrupted()).isTrue();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
