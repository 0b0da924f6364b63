package dev.bulla.kbs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.attestation.protocol.AttestationRequest;
import dev.bulla.attestation.protocol.AuthRequest;
import dev.bulla.attestation.protocol.CompactJws;
import dev.bulla.attestation.protocol.EarStatus;
import dev.bulla.attestation.protocol.EarToken;
import dev.bulla.attestation.protocol.EcCurve;
import dev.bulla.attestation.protocol.HashAlgorithm;
import dev.bulla.attestation.protocol.KbsJwe;
import dev.bulla.attestation.protocol.ReportData;
import dev.bulla.attestation.protocol.ResourcePath;
import dev.bulla.attestation.protocol.RuntimeData;
import dev.bulla.attestation.protocol.TeeKeyAlgorithm;
import dev.bulla.attestation.protocol.TeeKeyPair;
import dev.bulla.attestation.protocol.TeePublicKey;
import dev.bulla.attestation.protocol.TokenAnswer;
import dev.bulla.kbs.policy.ResourcePolicy;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonString;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The protocol's steps, each done wrongly once. */
class RcarEndpointsTest {
    private static final byte[] SECRET = "secret".getBytes(StandardCharsets.UTF_8);
    private static final String RESOURCE = "/kbs/v0/resource/default/key/1";

    private final SettableTime time = new SettableTime();
    private EmbeddedKbs kbs;
    private RawGuest guest;

    @BeforeEach
    void start() throws Exception {
        kbs = EmbeddedKbs.builder()
                .time(time)
                .withSampleReferenceValues()
                .resource(new ResourcePath("default", "key", "1"), SECRET)
                .start();
        guest = new RawGuest(kbs.url());
    }

    @AfterEach
    void stop() {
        guest.close();
        kbs.close();
    }

    @Test
    void auth_wellFormed_challenges() throws Exception {
        RawGuest.Answer answer = guest.auth();
        assertThat(answer.status()).isEqualTo(200);
        JsonCursor.Members challenge = JsonCursor.parse(answer.body()).object();
        challenge.allowOnly("nonce", "extra-params");
        assertThat(challenge.required("extra-params").string()).isEmpty();
        assertThat(challenge.required("nonce").string()).hasSize(44);
        assertThat(Base64.getDecoder().decode(challenge.required("nonce").string()))
                .hasSize(32);
        assertThat(answer.header("Set-Cookie").orElseThrow())
                .matches("kbs-session-id=[0-9a-f]{32}; Expires=Fri, 20 Nov 2026 12:05:00 GMT; "
                        + "Path=/kbs/v0; HttpOnly; SameSite=Strict");
        assertThat(answer.header("Content-Type")).contains("application/json");
    }

    @Test
    void auth_malformed_refused() throws Exception {
        for (String body : new String[] {
            "",
            "{",
            "{}",
            "{\"version\":\"0.4.0\",\"tee\":\"sample\"}",
            "{\"version\":\"0.4.0\",\"tee\":\"sample\",\"tee\":\"tdx\",\"extra-params\":\"\"}",
            "{\"version\":4,\"tee\":\"sample\",\"extra-params\":\"\"}",
            "{\"version\":\"0.4.0\",\"tee\":\"nothing\",\"extra-params\":\"\"}",
            "{\"version\":\"0.4.0\",\"tee\":\"tdx\",\"extra-params\":\"\"}",
        }) {
            RawGuest.Answer answer = guest.send("POST", "/kbs/v0/auth", body.getBytes(StandardCharsets.UTF_8));
            assertThat(answer.refusal()).isEqualTo("401 AttestationError");
            assertThat(answer.error().detail()).startsWith("Attestation error: RCAR handshake Auth failed: ");
        }
        assertThat(guest.cookie).isNull();
    }

    @Test
    void auth_otherVersion_namesTheSupportedOne() throws Exception {
        for (String version : new String[] {"0.1.1", "0.3.0", "0.4.1", "1.0.0", ""}) {
            AuthRequest request = new AuthRequest(version, "sample", new JsonString(""));
            RawGuest.Answer answer = guest.send("POST", "/kbs/v0/auth", request.toJson());
            assertThat(answer.refusal()).isEqualTo("401 AttestationError");
            assertThat(answer.error().detail()).contains("only 0.4.0");
        }
    }

    @Test
    void attest_rightAnswer_givesTrusteesToken() throws Exception {
        String nonce = guest.challenge();
        RawGuest.Answer answer = guest.attest(guest.answerTo(nonce));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Set-Cookie").orElseThrow()).contains(String.valueOf(guest.cookie));
        CompactJws token = CompactJws.parse(TokenAnswer.parse(answer.body()).token());
        JsonCursor.Members header = new JsonCursor(token.header(), "$").object();
        assertThat(header.required("typ").string()).isEqualTo("JWT");
        assertThat(header.required("alg").string()).isEqualTo("ES256");
        JsonCursor.Members jwk = header.required("jwk").object();
        jwk.allowOnly("kty", "crv", "x", "y", "alg");
        JsonObject claims = token.verify(new TeePublicKey.Ec(
                        EcCurve.P256,
                        jwk.required("x").string(),
                        jwk.required("y").string())
                .toKey());
        assertThat(claims.members().keySet())
                .containsExactlyInAnyOrder(
                        "eat_profile", "iat", "nbf", "exp", "iss", "jti", "ear.verifier-id", "submods");
        assertThat(header.required("kid").string()).isNotEmpty();
        EarToken ear = EarToken.of(claims);
        assertThat(Duration.between(ear.issuedAt(), ear.expiresAt())).isEqualTo(Duration.ofMinutes(5));
        assertThat(ear.statuses()).containsOnlyKeys("cpu0").containsEntry("cpu0", EarStatus.AFFIRMING);
        assertThat(ear.teePublicKey()).contains(guest.key.publicKey());
        JsonCursor.Members cpu = new JsonCursor(claims, "$")
                .object()
                .required("submods")
                .object()
                .required("cpu0")
                .object();
        assertThat(cpu.required("ear.trustworthiness-vector").object().names()).hasSize(8);
        JsonCursor.Members evidence =
                cpu.required("ear.veraison.annotated-evidence").object();
        assertThat(evidence.names())
                .as("init_data_claims stands only beside a verified init_data")
                .containsExactlyInAnyOrder("report_data", "runtime_data_claims", "sample");
        assertThat(evidence.required("sample").object().names())
                .containsExactlyInAnyOrder("svn", "launch_digest", "platform_version", "debug");
        JsonCursor.Members runtimeData =
                evidence.required("runtime_data_claims").object();
        assertThat(runtimeData.required("nonce").string()).isEqualTo(nonce);
        assertThat(runtimeData.required("additional-evidence").string()).isEmpty();
    }

    @Test
    void attest_withoutReferenceValues_contraindicated() throws Exception {
        try (EmbeddedKbs bare = EmbeddedKbs.builder().start();
                RawGuest bareGuest = new RawGuest(bare.url())) {
            EarToken ear = EarToken.of(CompactJws.parse(bareGuest.token()).unverifiedClaims());
            assertThat(ear.statuses()).containsEntry("cpu0", EarStatus.CONTRAINDICATED);
        }
    }

    @Test
    void attest_wrongNonce_refused() throws Exception {
        guest.challenge();
        refusedAttest(guest.answerTo("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="), "nonce is not the session's");
    }

    @Test
    void attest_nonceUsedUp_refused() throws Exception {
        String nonce = guest.challenge();
        refusedAttest(guest.answerTo("wrong"), "nonce is not the session's");
        refusedAttest(guest.answerTo(nonce), "used up");
        assertThat(kbs.attestations()).isZero();
    }

    @Test
    void attest_malformedAnswer_usesUpTheNonce() throws Exception {
        String nonce = guest.challenge();
        assertThat(guest.send("POST", "/kbs/v0/attest", new byte[] {'{'}).refusal())
                .isEqualTo("401 AttestationError");
        refusedAttest(guest.answerTo(nonce), "used up");
    }

    @Test
    void attest_sameAnswerAgain_givesSameToken() throws Exception {
        AttestationRequest answer = guest.answerTo(guest.challenge());
        RawGuest.Answer first = guest.attest(answer);
        RawGuest.Answer second = guest.attest(answer);
        assertThat(second.text()).isEqualTo(first.text());
        assertThat(kbs.attestations()).isEqualTo(1);
    }

    @Test
    void attest_otherAnswerOnAttestedSession_refused() throws Exception {
        String nonce = guest.challenge();
        guest.attest(guest.answerTo(nonce));
        try (TeeKeyPair thief = TeeKeyPair.generate(TeeKeyAlgorithm.EC_P256, new SecureRandom())) {
            refusedAttest(RawGuest.answerTo(nonce, thief.publicKey()), "another answer");
        }
    }

    @Test
    void attest_evidenceForAnotherKey_refused() throws Exception {
        String nonce = guest.challenge();
        try (TeeKeyPair other = TeeKeyPair.generate(TeeKeyAlgorithm.EC_P256, new SecureRandom())) {
            AttestationRequest forOther = RawGuest.answerTo(nonce, other.publicKey());
            refusedAttest(
                    new AttestationRequest(
                            Optional.empty(),
                            new RuntimeData(nonce, guest.key.publicKey()),
                            forOther.primaryEvidence(),
                            ""),
                    "report data");
        }
    }

    @Test
    void attest_evidenceOfAnotherHash_refused() throws Exception {
        RuntimeData runtimeData = new RuntimeData(guest.challenge(), guest.key.publicKey());
        refusedAttest(
                new AttestationRequest(
                        Optional.empty(),
                        runtimeData,
                        RawGuest.evidence(ReportData.ofPrimary(HashAlgorithm.SHA512, runtimeData, "")),
                        ""),
                "report data");
    }

    @Test
    void attest_malformedEvidence_refused() throws Exception {
        for (JsonObject evidence : new JsonObject[] {
            JsonObject.builder().build(),
            JsonObject.builder().put("svn", "1").put("report_data", "!").build(),
            JsonObject.builder().put("svn", 1).put("report_data", "").build(),
            JsonObject.builder()
                    .put("svn", "1")
                    .put("report_data", "")
                    .put("x", 1)
                    .build(),
        }) {
            refusedAttest(
                    new AttestationRequest(
                            Optional.empty(), new RuntimeData(guest.challenge(), guest.key.publicKey()), evidence, ""),
                    "sample evidence");
        }
    }

    @Test
    void attest_noSession_refused() throws Exception {
        AttestationRequest answer = guest.answerTo("AAAA");
        refusedAttest(answer, "no session");
        guest.cookie = "kbs-session-id=00000000000000000000000000000000";
        refusedAttest(answer, "no session");
    }

    @Test
    void attest_sessionOver_refused() throws Exception {
        String nonce = guest.challenge();
        time.advance(SessionTable.LIFETIME);
        refusedAttest(guest.answerTo(nonce), "no session");
    }

    @Test
    void attest_justBeforeSessionsEnd_accepted() throws Exception {
        String nonce = guest.challenge();
        time.advance(SessionTable.LIFETIME.minusSeconds(1));
        assertThat(guest.attest(guest.answerTo(nonce)).status()).isEqualTo(200);
    }

    @Test
    void release_byCookie_isEncryptedToTheKey() throws Exception {
        guest.token();
        RawGuest.Answer answer = guest.get(RESOURCE);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).contains("application/json");
        assertThat(KbsJwe.open(answer.body(), guest.key)).isEqualTo(SECRET);
    }

    @Test
    void release_byBearer_isEncryptedToTheKey() throws Exception {
        String token = guest.token();
        guest.cookie = null;
        assertThat(KbsJwe.open(
                        guest.get(RESOURCE, "Authorization", "Bearer " + token).body(), guest.key))
                .isEqualTo(SECRET);
        guest.cookie = "kbs-session-id=stale";
        assertThat(guest.get(RESOURCE, "Authorization", "Bearer " + token).status())
                .isEqualTo(200);
    }

    @Test
    void release_withoutToken_refused() throws Exception {
        assertThat(guest.get(RESOURCE).refusal()).isEqualTo("401 TokenNotFound");
        guest.challenge();
        assertThat(guest.get(RESOURCE).refusal()).isEqualTo("401 TokenNotFound");
    }

    @Test
    void release_foreignToken_refused() throws Exception {
        try (EmbeddedKbs other = EmbeddedKbs.builder()
                        .time(time)
                        .withSampleReferenceValues()
                        .start();
                RawGuest otherGuest = new RawGuest(other.url())) {
            String token = otherGuest.token();
            assertThat(guest.get(RESOURCE, "Authorization", "Bearer " + token).refusal())
                    .isEqualTo("401 TokenVerifierError");
        }
        assertThat(guest.get(RESOURCE, "Authorization", "Bearer a.b.c").refusal())
                .isEqualTo("401 TokenVerifierError");
    }

    @Test
    void release_expiredToken_refused() throws Exception {
        String token = guest.token();
        time.advance(TokenProfile.LIFETIME.minusSeconds(1));
        assertThat(guest.get(RESOURCE).status()).isEqualTo(200);
        time.advance(Duration.ofSeconds(1));
        assertThat(guest.get(RESOURCE).refusal()).isEqualTo("401 TokenNotFound");
        assertThat(guest.get(RESOURCE, "Authorization", "Bearer " + token).refusal())
                .isEqualTo("401 TokenVerifierError");
    }

    @Test
    void release_policyBeforeExistence_looksTheSame() throws Exception {
        kbs.setResourcePolicy(ResourcePolicy.DENY);
        guest.token();
        assertThat(guest.get(RESOURCE).text())
                .isEqualTo(guest.get("/kbs/v0/resource/default/key/missing").text());
        assertThat(guest.get(RESOURCE).refusal()).isEqualTo("401 PolicyDeny");
    }

    @Test
    void release_missingOrMalformedPath_pluginError() throws Exception {
        guest.token();
        for (String path : new String[] {"default/key/2", "default/key", "default/key/1/2", ".a/b/c", ""}) {
            assertThat(guest.get("/kbs/v0/resource/" + path).refusal()).isEqualTo("401 PluginInternalError");
        }
        assertThat(guest.send("PUT", RESOURCE, new byte[] {1}).refusal()).isEqualTo("401 PluginInternalError");
    }

    @Test
    void request_unknownPathOrMethod_refusedWithErrorInformation() throws Exception {
        assertThat(guest.get("/kbs/v0/auth").refusal()).isEqualTo("404 PluginNotFound");
        assertThat(guest.send("PUT", "/kbs/v0/attest", new byte[] {1}).refusal())
                .isEqualTo("404 PluginNotFound");
        assertThat(guest.get("/kbs/v0/nebula-ca/credential").refusal()).isEqualTo("404 PluginNotFound");
        assertThat(guest.get("/kbs/v0/").refusal()).isEqualTo("404 InvalidRequestPath");
        assertThat(guest.get("/metrics").refusal()).isEqualTo("404 InvalidRequestPath");
        assertThat(guest.get("/kbs/v0/resource/a/%2e%2e/c").refusal()).isEqualTo("404 InvalidRequestPath");
        assertThat(guest.send("PATCH", RESOURCE, new byte[] {1}).refusal()).isEqualTo("405 MethodNotAllowed");
    }

    @Test
    void request_bodyAtAndOverTheLimit_readAndRefused() throws Exception {
        byte[] longest = new byte[KbsLimits.DEFAULT.bodyLength()];
        assertThat(guest.send("POST", "/kbs/v0/auth", longest).refusal()).isEqualTo("401 AttestationError");
        byte[] longer = new byte[KbsLimits.DEFAULT.bodyLength() + 1];
        assertThat(guest.send("POST", "/kbs/v0/auth", longer).refusal()).isEqualTo("413 PayloadTooLarge");
    }

    @Test
    void audit_everything_hasNoSecrets() throws Exception {
        String token = guest.token();
        guest.get(RESOURCE);
        String cookie = String.valueOf(guest.cookie).substring("kbs-session-id=".length());
        assertThat(kbs.audit()).hasSize(3);
        assertThat(kbs.audit().toString()).doesNotContain(cookie).doesNotContain(token);
        AuditRecord release = kbs.audit().getLast();
        assertThat(release.session())
                .isEqualTo(kbs.audit().getFirst().session())
                .isPresent();
        assertThat(release.time()).isEqualTo(time.instant());
        assertThat(release.keyThumbprint()).contains(guest.key.publicKey().thumbprint());
        assertThat(release.resource()).contains("default/key/1");
    }

    private void refusedAttest(AttestationRequest request, String reason) throws Exception {
        RawGuest.Answer answer = guest.attest(request);
        assertThat(answer.refusal()).isEqualTo("401 AttestationError");
        assertThat(answer.error().detail()).isEqualTo("Attestation error: RCAR handshake Attest failed");
        AuditRecord last = kbs.audit().getLast();
        assertThat(last.allowed()).isFalse();
        assertThat(last.reason()).contains(reason);
    }
}
