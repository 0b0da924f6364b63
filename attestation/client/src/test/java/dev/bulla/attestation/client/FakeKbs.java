package dev.bulla.attestation.client;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.client.evidence.Attester;
import dev.bulla.attestation.protocol.AttestationRequest;
import dev.bulla.attestation.protocol.Base64Url;
import dev.bulla.attestation.protocol.ErrorInformation;
import dev.bulla.attestation.protocol.KbsJwe;
import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.attestation.protocol.ResourceUri;
import dev.bulla.attestation.protocol.TeePublicKey;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.function.UnaryOperator;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okio.Buffer;
import org.jspecify.annotations.Nullable;

/** A KBS that believes everything, with faults to order, a clock to set and pauses that take no time. */
final class FakeKbs implements AutoCloseable {
    static final String AUTH = "auth";
    static final String ATTEST = "attest";
    static final String GET = "resource/a/b/c";
    static final byte[] SECRET = {1, 2, 3};

    final MockWebServer server = new MockWebServer();
    final List<String> asked = new ArrayList<>();
    final List<AttestationRequest> attestations = new ArrayList<>();
    final List<Duration> pauses = new ArrayList<>();
    private final List<Fault> faults = new ArrayList<>();
    private final Queue<RecordedRequest> requests = new ArrayDeque<>();
    private Instant now = Instant.parse("2026-11-20T12:00:00Z");
    private int nonces;
    private @Nullable TeePublicKey key;

    /** What happens to an encrypted resource's text on its way. */
    UnaryOperator<String> onTheWay = UnaryOperator.identity();

    /** What happens meanwhile, after a resource was encrypted and before it goes. */
    Runnable beforeAnswer = () -> {};

    private record Fault(String path, MockResponse response) {}

    FakeKbs() throws Exception {
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                try {
                    MockResponse response = answer(request);
                    if (request.getUrl().encodedPath().endsWith(GET)) {
                        beforeAnswer.run();
                    }
                    return response;
                } catch (KbsProtocolException e) {
                    return refusal(401, "AttestationError");
                }
            }
        });
        server.start();
    }

    static ResourceUri uri() throws KbsProtocolException {
        return ResourceUri.parse("kbs:///a/b/c");
    }

    KbsClient.Builder builder(Attester attester) {
        return KbsClient.builder(server.url("/").uri(), attester)
                .insecureHttp()
                .time(time())
                .pause(this::pause);
    }

    /** A clock that stands still but for {@link #advance} and pauses. */
    InstantSource time() {
        return () -> now;
    }

    void advance(Duration time) {
        now = now.plus(time);
    }

    private void pause(Duration time) {
        pauses.add(time);
        advance(time);
    }

    /** Answers the next request of that path so. */
    void fault(String path, MockResponse response) {
        faults.add(new Fault(path, response));
    }

    void useKey(TeePublicKey publicKey) {
        key = publicKey;
    }

    RecordedRequest lastRequest() {
        return ((ArrayDeque<RecordedRequest>) requests).getLast();
    }

    private synchronized MockResponse answer(RecordedRequest request) throws KbsProtocolException {
        String path = request.getUrl().encodedPath().substring("/kbs/v0/".length());
        asked.add(path);
        requests.add(request);
        Optional<Fault> fault = faults.stream().filter(f -> f.path.equals(path)).findFirst();
        if (path.equals(ATTEST)) {
            AttestationRequest attestation =
                    AttestationRequest.parse(requireNonNull(request.getBody()).toByteArray());
            attestations.add(attestation);
            key = attestation.runtimeData().teePublicKey();
        }
        if (fault.isPresent()) {
            faults.remove(fault.get());
            return fault.get().response;
        }
        return switch (path) {
            case AUTH ->
                ok("{\"nonce\":\"nonce-" + ++nonces + "\",\"extra-params\":\"\"}")
                        .newBuilder()
                        .addHeader("Set-Cookie", "kbs-session-id=one")
                        .build();
            case ATTEST -> ok("{\"token\":\"" + token() + "\"}");
            default -> {
                TeePublicKey recipient = key;
                yield recipient == null
                        ? refusal(401, "TokenNotFound")
                        : ok(onTheWay.apply(new String(
                                KbsJwe.seal(SECRET, recipient, new SecureRandom()), StandardCharsets.UTF_8)));
            }
        };
    }

    static String token() {
        return Base64Url.encode("{\"alg\":\"ES256\"}".getBytes(StandardCharsets.UTF_8)) + "."
                + Base64Url.encode("{\"iat\":1000,\"exp\":1300}".getBytes(StandardCharsets.UTF_8)) + "."
                + Base64Url.encode(new byte[64]);
    }

    static MockResponse ok(String body) {
        return new MockResponse.Builder().code(200).body(body).build();
    }

    static MockResponse status(int status) {
        return new MockResponse.Builder().code(status).build();
    }

    static MockResponse refusal(int status, String variant) {
        return new MockResponse.Builder()
                .code(status)
                .body(new Buffer().write(ErrorInformation.of(variant, "words").toJson()))
                .build();
    }

    @Override
    public void close() {
        server.close();
    }
}
