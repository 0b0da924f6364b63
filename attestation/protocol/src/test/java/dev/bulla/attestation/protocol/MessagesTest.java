package dev.bulla.attestation.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonString;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class MessagesTest {

    @Test
    void authRequest_written_isTheProtocols() throws Exception {
        AuthRequest request = AuthRequest.of(Tee.SAMPLE);
        assertThat(text(request.toJson()))
                .isEqualTo("{\"version\":\"0.4.0\",\"tee\":\"sample\",\"extra-params\":"
                        + "{\"supported-hash-algorithms\":[\"sha256\",\"sha384\",\"sha512\"]}}");
        assertThat(AuthRequest.parse(request.toJson())).isEqualTo(request);
    }

    @Test
    void authRequest_malformed_refused() {
        refused(() -> AuthRequest.parse(bytes("{\"version\":\"0.4.0\",\"tee\":\"sample\"}")), "extra-params");
        refused(() -> AuthRequest.parse(bytes("{\"version\":\"0.4.0\",\"extra-params\":{}}")), "tee");
        refused(() -> AuthRequest.parse(bytes("{\"tee\":\"sample\",\"extra-params\":{}}")), "version");
        refused(
                () -> AuthRequest.parse(bytes("{\"version\":1,\"tee\":\"sample\",\"extra-params\":{}}")),
                "$.version: got a number, expected a string");
        refused(
                () -> AuthRequest.parse(bytes("{\"version\":\"\",\"tee\":\"sample\",\"extra-params\":{},\"x\":1}")),
                "unknown key \"x\"");
    }

    @Test
    void challenge_written_isTheProtocols() throws Exception {
        Challenge challenge = Challenge.of("AAA=");
        assertThat(text(challenge.toJson())).isEqualTo("{\"nonce\":\"AAA=\",\"extra-params\":\"\"}");
        assertThat(Challenge.parse(challenge.toJson())).isEqualTo(challenge);
    }

    @Test
    void challengeHash_negotiated_isTheServersOrSha384() throws Exception {
        assertThat(hash("\"\"")).isEqualTo(HashAlgorithm.SHA384);
        assertThat(hash("{}")).isEqualTo(HashAlgorithm.SHA384);
        assertThat(hash("null")).isEqualTo(HashAlgorithm.SHA384);
        assertThat(hash("{\"selected-hash-algorithm\":\"sha512\"}")).isEqualTo(HashAlgorithm.SHA512);
        assertThat(hash("{\"selected-hash-algorithm\":\"SHA256\"}")).isEqualTo(HashAlgorithm.SHA256);
        refused(() -> hash("{\"selected-hash-algorithm\":\"sm3\"}"), "expected sha256, sha384 or sha512");
        refused(() -> hash("{\"selected-hash-algorithm\":null}"), "expected a string");
        refused(() -> hash("{\"selected-hash-algorithm\":384}"), "expected a string");
    }

    @Test
    void challenge_nonceOutOfBounds_refused() throws Exception {
        String longest = "n".repeat(Challenge.MAX_NONCE_LENGTH);
        assertThat(Challenge.parse(bytes("{\"nonce\":\"" + longest + "\",\"extra-params\":\"\"}"))
                        .nonce())
                .isEqualTo(longest);
        refused(() -> Challenge.parse(bytes("{\"nonce\":\"" + longest + "n\",\"extra-params\":\"\"}")), "$.nonce");
        refused(() -> Challenge.parse(bytes("{\"nonce\":\"\",\"extra-params\":\"\"}")), "$.nonce");
        refused(() -> Challenge.parse(bytes("{\"nonce\":\"n\"}")), "extra-params");
    }

    @Test
    void attestationRequest_written_isTheProtocols() throws Exception {
        AttestationRequest request = request(Optional.empty());
        assertThat(text(request.toJson()))
                .isEqualTo("{\"init-data\":null,\"runtime-data\":{\"nonce\":\"AAA=\",\"tee-pubkey\":"
                        + TestKeys.RFC_7517_P256
                        + "},\"tee-evidence\":{\"primary_evidence\":{\"svn\":\"1\"},\"additional_evidence\":\"\"}}");
        assertThat(AttestationRequest.parse(request.toJson())).isEqualTo(request);
        AttestationRequest withInitData = request(Optional.of(new InitData("toml", "version = \"0.1.0\"")));
        assertThat(AttestationRequest.parse(withInitData.toJson())).isEqualTo(withInitData);
    }

    @Test
    void attestationRequest_initDataAbsent_isNone() throws Exception {
        String text = text(request(Optional.empty()).toJson()).replace("\"init-data\":null,", "");
        assertThat(AttestationRequest.parse(bytes(text)).initData()).isEmpty();
    }

    @Test
    void attestationRequest_malformed_refused() throws Exception {
        String text = text(request(Optional.empty()).toJson());
        changed(text, "\"nonce\":\"AAA=\"", "\"nonce\":7", "$.runtime-data.nonce");
        changed(text, "\"nonce\":\"AAA=\",", "", "\"nonce\" is missing");
        changed(text, "\"nonce\":\"AAA=\",", "\"nonce\":\"AAA=\",\"nonce\":\"BBB=\",", "duplicate key");
        changed(text, "{\"nonce\"", "{\"Nonce\":\"\",\"nonce\"", "unknown key \"Nonce\"");
        changed(text, "\"kty\":\"EC\"", "\"kty\":\"EC\",\"kid\":\"1\"", "$.runtime-data.tee-pubkey: unknown key");
        changed(text, ",\"additional_evidence\":\"\"", "", "additional_evidence");
        changed(text, "\"additional_evidence\":\"\"", "\"additional_evidence\":{}", "expected a string");
        changed(text, "\"primary_evidence\":{\"svn\":\"1\"},", "", "primary_evidence");
        changed(text, "\"init-data\":null", "\"init-data\":{\"format\":\"toml\"}", "\"body\" is missing");
        changed(text, "\"init-data\"", "\"more\":1,\"init-data\"", "unknown key \"more\"");
        // Written as UTF-8, and so hashed, it would be a question mark.
        changed(text, "\"additional_evidence\":\"\"", "\"additional_evidence\":\"\\ud800\"", "surrogate");
        refused(() -> AttestationRequest.parse(bytes(text + " {}")), "data after the JSON value");
        refused(() -> AttestationRequest.parse(bytes("[]")), "expected an object");
        refused(() -> AttestationRequest.parse(new byte[] {(byte) 0xff}), "not UTF-8");
    }

    @Test
    void tokenAnswer_roundTrip_isItself() throws Exception {
        TokenAnswer answer = new TokenAnswer("a.b.c");
        assertThat(TokenAnswer.parse(answer.toJson())).isEqualTo(answer);
        assertThat(answer.toString()).doesNotContain("a.b.c");
        refused(() -> TokenAnswer.parse(bytes("{\"Token\":\"a.b.c\"}")), "token");
    }

    @Test
    void errorInformation_roundTrip_isItself() throws Exception {
        ErrorInformation error = ErrorInformation.of("PolicyDeny", "Access denied by policy");
        assertThat(text(error.toJson()))
                .isEqualTo("{\"type\":\"https://github.com/confidential-containers/kbs/errors/PolicyDeny\","
                        + "\"detail\":\"Access denied by policy\"}");
        assertThat(ErrorInformation.parse(error.toJson())).isEqualTo(error);
        assertThat(error.variant()).isEqualTo("PolicyDeny");
        assertThat(new ErrorInformation("PolicyDeny", "").variant()).isEqualTo("PolicyDeny");
    }

    private static AttestationRequest request(Optional<InitData> initData) throws Exception {
        return new AttestationRequest(
                initData,
                new RuntimeData("AAA=", TestKeys.rfc7517()),
                JsonObject.builder().put("svn", new JsonString("1")).build(),
                "");
    }

    private static HashAlgorithm hash(String extraParams) throws KbsProtocolException {
        return Challenge.parse(bytes("{\"nonce\":\"n\",\"extra-params\":" + extraParams + "}"))
                .hashAlgorithm();
    }

    private static void changed(String text, String from, String to, String message) {
        assertThat(text).contains(from);
        refused(() -> AttestationRequest.parse(bytes(text.replace(from, to))), message);
    }

    private static void refused(ThrowingCallable parsing, String message) {
        assertThatThrownBy(parsing).isInstanceOf(KbsProtocolException.class).hasMessageContaining(message);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
