package dev.bulla.kbs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.protocol.AdminToken;
import dev.bulla.attestation.protocol.Base64Url;
import dev.bulla.attestation.protocol.CompactJws;
import dev.bulla.attestation.protocol.KbsJwe;
import dev.bulla.kbs.admin.TokenAuthorization;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AdministrationTest {
    private static final String RESOURCE = "/kbs/v0/resource/default/key/1";
    private static final String POLICY = "/kbs/v0/resource-policy";
    private static final byte[] SECRET = "secret".getBytes(StandardCharsets.UTF_8);

    private final SettableTime time = new SettableTime();
    private KeyPair key;
    private EmbeddedKbs kbs;
    private RawGuest http;

    @BeforeEach
    void start() throws Exception {
        key = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        kbs = EmbeddedKbs.builder()
                .time(time)
                .withSampleReferenceValues()
                .administrator(
                        new AdminIdentity(key.getPublic(), "admin", Optional.of("issuer"), Optional.of("audience")))
                .start();
        http = new RawGuest(kbs.url());
    }

    @AfterEach
    void stop() {
        http.close();
        kbs.close();
    }

    @Test
    void resource_storedAndDeleted_isReleasedAndGone() throws Exception {
        RawGuest.Answer stored = http.send("POST", RESOURCE, SECRET, "Authorization", "Bearer " + token());
        assertThat(stored.status()).isEqualTo(200);
        assertThat(stored.body()).isEmpty();
        http.token();
        assertThat(KbsJwe.open(http.get(RESOURCE).body(), http.key)).isEqualTo(SECRET);
        assertThat(http.send("DELETE", RESOURCE, new byte[0], "Authorization", "Bearer " + token())
                        .status())
                .isEqualTo(200);
        assertThat(http.get(RESOURCE).refusal()).isEqualTo("401 PluginInternalError");
        assertThat(http.send("DELETE", RESOURCE, new byte[0], "Authorization", "Bearer " + token())
                        .refusal())
                .isEqualTo("401 PluginInternalError");
    }

    @Test
    void resource_malformedPath_refused() throws Exception {
        assertThat(http.send("POST", "/kbs/v0/resource/a/b", SECRET, "Authorization", "Bearer " + token())
                        .refusal())
                .isEqualTo("401 PluginInternalError");
    }

    @Test
    void policy_setByName_holds() throws Exception {
        http.send("POST", RESOURCE, SECRET, "Authorization", "Bearer " + token());
        http.token();
        setPolicy("deny");
        assertThat(http.get(RESOURCE).refusal()).isEqualTo("401 PolicyDeny");
        setPolicy("allow\n");
        assertThat(http.get(RESOURCE).status()).isEqualTo(200);
        RawGuest.Answer list = http.get(POLICY, "Authorization", "Bearer " + token());
        assertThat(list.text()).isEqualTo("[\"resource-policy\"]");
    }

    @Test
    void policy_unknownOrMalformed_refusedAndNotIgnored() throws Exception {
        setPolicy("deny");
        for (String body : new String[] {
            "{\"policy\":\"allow\"}",
            "{\"policy\":\"YWxsb3c=\"}",
            "{}",
            "{\"policy\":\"YWxsb3c\",\"type\":\"rego\"}",
            "{\"policy\":\"YWxsb3c\",\"policy\":\"YWxsb3c\"}",
        }) {
            assertThat(http.send(
                                    "POST",
                                    POLICY,
                                    body.getBytes(StandardCharsets.UTF_8),
                                    "Authorization",
                                    "Bearer " + token())
                            .refusal())
                    .isEqualTo("401 ParsePolicyError");
        }
        for (String text : new String[] {"package policy\nallow := tru", "package other\nallow := true", "", "ALLOW"}) {
            assertThat(http.send(
                                    "POST",
                                    POLICY,
                                    policyBody(text).getBytes(StandardCharsets.UTF_8),
                                    "Authorization",
                                    "Bearer " + token())
                            .refusal())
                    .isEqualTo("401 PolicyEngineError");
        }
        http.send("POST", RESOURCE, SECRET, "Authorization", "Bearer " + token());
        http.token();
        assertThat(http.get(RESOURCE).refusal()).isEqualTo("401 PolicyDeny");
    }

    @Test
    void admin_noToken_refused() throws Exception {
        assertThat(http.send("POST", RESOURCE, SECRET).refusal()).isEqualTo("401 AdminAuthInitialization");
        assertThat(http.send("DELETE", RESOURCE, new byte[0]).refusal()).isEqualTo("401 AdminAuthInitialization");
        assertThat(http.get(POLICY).refusal()).isEqualTo("401 AdminAuthAccess");
        assertThat(http.send("POST", POLICY, policyBody("allow").getBytes(StandardCharsets.UTF_8))
                        .refusal())
                .isEqualTo("401 AdminAuthAccess");
    }

    @Test
    void admin_nobodyConfigured_refused() throws Exception {
        try (EmbeddedKbs closed = EmbeddedKbs.builder().start();
                RawGuest toClosed = new RawGuest(closed.url())) {
            assertThat(toClosed.send("POST", RESOURCE, SECRET, "Authorization", "Bearer " + token())
                            .refusal())
                    .isEqualTo("401 AdminAuthInitialization");
            assertThat(closed.audit().getLast().reason()).contains("no administrator is configured");
        }
    }

    @Test
    void admin_attestationTokenAsAdminToken_refused() throws Exception {
        refused(http.token(), "signed with \"ES256\"");
    }

    @Test
    void admin_wrongToken_refused() throws Exception {
        KeyPair other = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        refused(token(other.getPrivate(), "admin", "issuer", "audience"), "signature is wrong");
        refused(token(key.getPrivate(), "Admin", "issuer", "audience"), "another role");
        refused(token(key.getPrivate(), "admin", "other", "audience"), "another issuer");
        refused(token(key.getPrivate(), "admin", "issuer", "other"), "another audience");
        refused("nonsense", "token: 1 parts");
    }

    @Test
    void admin_missingClaim_refused() throws Exception {
        long now = time.instant().getEpochSecond();
        refused(
                sign(JsonObject.builder()
                        .put("iss", "issuer")
                        .put("aud", "audience")
                        .put("role", "admin")),
                "\"exp\" is missing");
        refused(
                sign(JsonObject.builder()
                        .put("iss", "issuer")
                        .put("aud", "audience")
                        .put("exp", now)),
                "\"role\" is missing");
        refused(
                sign(JsonObject.builder()
                        .put("aud", "audience")
                        .put("role", "admin")
                        .put("exp", now)),
                "\"iss\" is missing");
        refused(
                sign(JsonObject.builder()
                        .put("iss", "issuer")
                        .put("role", "admin")
                        .put("exp", now)),
                "\"aud\" is missing");
        refused(
                sign(JsonObject.builder()
                        .put("iss", "issuer")
                        .put("aud", "audience")
                        .put("role", JsonArray.ofStrings(List.of("admin")))
                        .put("exp", now)),
                "expected a string");
    }

    @Test
    void admin_times_areHeededWithLeeway() throws Exception {
        String token = token();
        time.advance(Duration.ofMinutes(10).plus(TokenAuthorization.LEEWAY).minusSeconds(1));
        assertThat(http.get(POLICY, "Authorization", "Bearer " + token).status())
                .isEqualTo(200);
        time.advance(Duration.ofSeconds(1));
        refused(token, "the token expired");
        long now = time.instant().getEpochSecond();
        refused(sign(claims(now).put("nbf", now + TokenAuthorization.LEEWAY.toSeconds() + 1)), "not valid yet");
        String soon = sign(claims(now).put("nbf", now + TokenAuthorization.LEEWAY.toSeconds()));
        assertThat(http.get(POLICY, "Authorization", "Bearer " + soon).status()).isEqualTo(200);
    }

    @Test
    void admin_es256Key_admitted() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        KeyPair ec = generator.generateKeyPair();
        byte[] pem = TestCertificates.pem("PUBLIC KEY", ec.getPublic().getEncoded());
        try (EmbeddedKbs other = EmbeddedKbs.builder()
                        .time(time)
                        .administrator(AdminIdentity.of(AdminIdentity.parseKey(pem), "admin"))
                        .start();
                RawGuest toOther = new RawGuest(other.url())) {
            String token = token(ec.getPrivate(), "admin", "anybody", "anything");
            assertThat(toOther.get(POLICY, "Authorization", "Bearer " + token).status())
                    .isEqualTo(200);
        }
    }

    @Test
    void parseKey_ed25519Pem_isTheKey() throws Exception {
        assertThat(AdminIdentity.parseKey(
                        TestCertificates.pem("PUBLIC KEY", key.getPublic().getEncoded())))
                .isEqualTo(key.getPublic());
        KeyPair x25519 = KeyPairGenerator.getInstance("X25519").generateKeyPair();
        assertThatThrownBy(() -> AdminIdentity.parseKey(
                        TestCertificates.pem("PUBLIC KEY", x25519.getPublic().getEncoded())))
                .isInstanceOf(KbsException.class);
        assertThatThrownBy(() -> AdminIdentity.parseKey(new byte[0])).isInstanceOf(KbsException.class);
    }

    private void refused(String token, String reason) throws Exception {
        assertThat(http.get(POLICY, "Authorization", "Bearer " + token).refusal())
                .isEqualTo("401 AdminAuthAccess");
        assertThat(kbs.audit().getLast().reason()).contains(reason);
    }

    private void setPolicy(String text) throws Exception {
        assertThat(http.send(
                                "POST",
                                POLICY,
                                policyBody(text).getBytes(StandardCharsets.UTF_8),
                                "Authorization",
                                "Bearer " + token())
                        .status())
                .isEqualTo(200);
    }

    private static String policyBody(String text) {
        return "{\"policy\":\"" + Base64Url.encode(text.getBytes(StandardCharsets.UTF_8)) + "\"}";
    }

    private JsonObject.Builder claims(long now) {
        return JsonObject.builder()
                .put("iss", "issuer")
                .put("aud", "audience")
                .put("role", "admin")
                .put("exp", now);
    }

    private String sign(JsonObject.Builder claims) throws Exception {
        return CompactJws.sign(JsonObject.builder().build(), claims.build(), key.getPrivate());
    }

    private String token() throws Exception {
        return token(key.getPrivate(), "admin", "issuer", "audience");
    }

    private String token(PrivateKey signer, String role, String issuer, String audience) throws Exception {
        return AdminToken.sign(
                signer,
                role,
                Optional.of(issuer),
                Optional.of(audience),
                time.instant(),
                time.instant().plus(Duration.ofMinutes(10)));
    }
}
