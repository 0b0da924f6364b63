package dev.bulla.kbs;

import dev.bulla.attestation.protocol.AttestationRequest;
import dev.bulla.attestation.protocol.AuthRequest;
import dev.bulla.attestation.protocol.Challenge;
import dev.bulla.attestation.protocol.ErrorInformation;
import dev.bulla.attestation.protocol.HashAlgorithm;
import dev.bulla.attestation.protocol.ReportData;
import dev.bulla.attestation.protocol.RuntimeData;
import dev.bulla.attestation.protocol.Tee;
import dev.bulla.attestation.protocol.TeeKeyAlgorithm;
import dev.bulla.attestation.protocol.TeeKeyPair;
import dev.bulla.attestation.protocol.TeePublicKey;
import dev.bulla.attestation.protocol.TokenAnswer;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Speaks to a KBS step by step, so that each step can be done wrongly. */
final class RawGuest implements AutoCloseable {
    private final URI kbs;
    private final HttpClient http = HttpClient.newHttpClient();
    final TeeKeyPair key = TeeKeyPair.generate(TeeKeyAlgorithm.EC_P256, new SecureRandom());

    @Nullable
    String cookie;

    RawGuest(URI kbs) {
        this.kbs = kbs;
    }

    /** An answer of the KBS. */
    record Answer(HttpResponse<byte[]> response) {
        int status() {
            return response.statusCode();
        }

        byte[] body() {
            return response.body();
        }

        String text() {
            return new String(response.body(), StandardCharsets.UTF_8);
        }

        ErrorInformation error() throws Exception {
            return ErrorInformation.parse(response.body());
        }

        /** Status and variant, such as {@code 401 PolicyDeny}. */
        String refusal() throws Exception {
            return status() + " " + error().variant();
        }

        Optional<String> header(String name) {
            return response.headers().firstValue(name);
        }
    }

    Answer send(String method, String path, byte[] body, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(kbs + path))
                .method(
                        method,
                        body.length == 0
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofByteArray(body));
        List<String> all = new ArrayList<>(List.of(headers));
        if (cookie != null) {
            all.addAll(List.of("Cookie", cookie));
        }
        if (!all.isEmpty()) {
            request.headers(all.toArray(String[]::new));
        }
        Answer answer = new Answer(http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray()));
        answer.header("Set-Cookie").ifPresent(set -> cookie = set.substring(0, set.indexOf(';')));
        return answer;
    }

    Answer get(String path, String... headers) throws Exception {
        return send("GET", path, new byte[0], headers);
    }

    Answer auth() throws Exception {
        return send("POST", "/kbs/v0/auth", AuthRequest.of(Tee.SAMPLE).toJson());
    }

    /** The nonce of a new challenge. */
    String challenge() throws Exception {
        return Challenge.parse(auth().body()).nonce();
    }

    static JsonValue evidence(byte[] reportData) {
        return JsonObject.builder()
                .put("svn", "1")
                .put("report_data", Base64.getEncoder().encodeToString(reportData))
                .build();
    }

    /** The right answer to a challenge. */
    AttestationRequest answerTo(String nonce) {
        return answerTo(nonce, key.publicKey());
    }

    static AttestationRequest answerTo(String nonce, TeePublicKey key) {
        RuntimeData runtimeData = new RuntimeData(nonce, key);
        return new AttestationRequest(
                Optional.empty(),
                runtimeData,
                evidence(ReportData.ofPrimary(HashAlgorithm.SHA384, runtimeData, "")),
                "");
    }

    Answer attest(AttestationRequest request) throws Exception {
        return send("POST", "/kbs/v0/attest", request.toJson());
    }

    /** Attests as it should be; the token. */
    String token() throws Exception {
        return TokenAnswer.parse(attest(answerTo(challenge())).body()).token();
    }

    @Override
    public void close() {
        http.close();
        key.close();
    }
}
