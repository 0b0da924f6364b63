package dev.bulla.kbs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.protocol.AdminToken;
import dev.bulla.attestation.protocol.AttestationRequest;
import dev.bulla.attestation.protocol.AuthRequest;
import dev.bulla.attestation.protocol.Base64Url;
import dev.bulla.attestation.protocol.Challenge;
import dev.bulla.attestation.protocol.CompactJws;
import dev.bulla.attestation.protocol.HashAlgorithm;
import dev.bulla.attestation.protocol.InitData;
import dev.bulla.attestation.protocol.KbsJwe;
import dev.bulla.attestation.protocol.ReportData;
import dev.bulla.attestation.protocol.ResourcePath;
import dev.bulla.attestation.protocol.RuntimeData;
import dev.bulla.attestation.protocol.Tee;
import dev.bulla.attestation.protocol.TokenAnswer;
import dev.bulla.kbs.admin.EndpointPattern;
import dev.bulla.kbs.admin.EndpointRule;
import dev.bulla.kbs.admin.IdentityProvider;
import dev.bulla.kbs.admin.TokenAuthorization;
import dev.bulla.kbs.audit.AuditHead;
import dev.bulla.kbs.evidence.EvidenceBinding;
import dev.bulla.kbs.evidence.VerifiedEvidence;
import dev.bulla.kbs.evidence.Verifier;
import dev.bulla.kbs.plugin.KbsPlugin;
import dev.bulla.kbs.plugin.PluginException;
import dev.bulla.kbs.plugin.PluginRequest;
import dev.bulla.kbs.policy.Appraisal;
import dev.bulla.kbs.policy.AttestationPolicy;
import dev.bulla.kbs.policy.PolicyException;
import dev.bulla.kbs.policy.ResourcePolicy;
import dev.bulla.kbs.policy.ResourceRequest;
import dev.bulla.kbs.policy.TrustworthinessVector;
import dev.bulla.kbs.store.BlobStores;
import dev.bulla.kbs.token.CertificateTrust;
import dev.bulla.kbs.token.KeySet;
import dev.bulla.kbs.token.PemText;
import dev.bulla.kbs.token.TokenAnchors;
import dev.bulla.kbs.token.TokenSigner;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonNumber;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonValue;
import dev.bulla.oci.json.JsonWriter;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a KBS does beyond the plain way of a guest. */
class ServerFeaturesTest {
    private static final String RESOURCE = "/kbs/v0/resource/default/key/1";
    private static final byte[] SECRET = "secret".getBytes(StandardCharsets.UTF_8);
    private static final AttestationPolicy AFFIRMS =
            (evidence, values) -> Appraisal.of(new TrustworthinessVector(2, 2, 2, 2, 2, 2, 2, 2));

    @TempDir
    private Path folder = Path.of("set by the test engine");

    private final SettableTime time = new SettableTime();
    private KeyPair key = new KeyPair(null, null);

    @BeforeEach
    void makeKey() throws Exception {
        key = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    }

    private EmbeddedKbs.Builder builder() throws Exception {
        return EmbeddedKbs.builder()
                .time(time)
                .withSampleReferenceValues()
                .resource(ResourcePath.parse("default/key/1"), SECRET)
                .administrator(AdminIdentity.of(key.getPublic(), "admin"));
    }

    private String[] admin() throws Exception {
        return admin("admin");
    }

    private String[] admin(String role) throws Exception {
        return new String[] {
            "Authorization",
            "Bearer "
                    + AdminToken.sign(
                            key.getPrivate(),
                            role,
                            Optional.empty(),
                            Optional.empty(),
                            time.instant(),
                            time.instant().plusSeconds(600))
        };
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static JsonCursor.Members evidence(String token, String submodule) throws Exception {
        return new JsonCursor(CompactJws.parse(token).unverifiedClaims(), "$")
                .object()
                .required("submods")
                .object()
                .required(submodule)
                .object()
                .required("ear.veraison.annotated-evidence")
                .object();
    }

    private static AttestationRequest withInitData(RawGuest guest, String format, String body) throws Exception {
        AttestationRequest right = guest.answerTo(guest.challenge());
        return new AttestationRequest(
                Optional.of(new InitData(format, body)), right.runtimeData(), right.primaryEvidence(), "");
    }

    @Test
    void attest_initData_isInTheToken() throws Exception {
        String body = """
                version = "0.1.0"
                algorithm = "sha256"
                [data]
                "aa.toml" = "[token]\\nurl = 'x'"
                "cdh.toml" = "not toml ["
                "policy.rego" = "package p\\npolicy_data := {\\"a\\": 1}"
                "other" = "text"
                """;
        try (EmbeddedKbs kbs = builder().start();
                RawGuest guest = new RawGuest(kbs.url())) {
            RawGuest.Answer answer = guest.attest(withInitData(guest, "toml", body));
            JsonCursor.Members evidence =
                    evidence(TokenAnswer.parse(answer.body()).token(), "cpu0");
            assertThat(evidence.required("init_data").string())
                    .isEqualTo(Base64.getEncoder().encodeToString(HashAlgorithm.SHA256.digest(utf8(body))));
            assertThat(JsonWriter.compact(evidence.required("init_data_claims").value()))
                    .isEqualTo("{\"aa.toml\":{\"token\":{\"url\":\"x\"}},\"cdh.toml\":\"not toml [\","
                            + "\"agent_policy_claims\":{\"a\":1},\"other\":\"text\"}");
        }
    }

    @Test
    void attest_initDataOfAnotherFormatOrMalformed_refused() throws Exception {
        try (EmbeddedKbs kbs = builder().start();
                RawGuest guest = new RawGuest(kbs.url())) {
            for (String[] sent : new String[][] {{"json", "{}"}, {"toml", ""}, {"toml", "version = \"9\""}}) {
                assertThat(guest.attest(withInitData(guest, sent[0], sent[1])).refusal())
                        .isEqualTo("401 AttestationError");
                assertThat(kbs.audit().getLast().reason()).startsWith("initdata");
            }
        }
    }

    private static AttestationRequest withDevices(RawGuest guest, String devices, boolean bound) throws Exception {
        RuntimeData runtimeData = new RuntimeData(guest.challenge(), guest.key.publicKey());
        String text = devices.replace(
                "REPORT", Base64.getEncoder().encodeToString(ReportData.ofDevice(HashAlgorithm.SHA384, runtimeData)));
        return new AttestationRequest(
                Optional.empty(),
                runtimeData,
                RawGuest.evidence(ReportData.ofPrimary(HashAlgorithm.SHA384, runtimeData, bound ? text : "")),
                text);
    }

    @Test
    void attest_device_hasItsOwnSubmodule() throws Exception {
        try (EmbeddedKbs kbs = builder()
                        .insecureSampleEvidence()
                        .insecureSampleDeviceEvidence()
                        .attestationPolicy("default_gpu", AFFIRMS)
                        .start();
                RawGuest guest = new RawGuest(kbs.url())) {
            String devices = "{\"sampledevice\":{\"svn\":\"2\",\"report_data\":\"REPORT\"}}";
            RawGuest.Answer answer = guest.attest(withDevices(guest, devices, true));
            String token = TokenAnswer.parse(answer.body()).token();
            assertThat(evidence(token, "gpu0").required("sampledevice").object().names())
                    .containsExactly("svn");
            assertThat(evidence(token, "gpu0")
                            .required("runtime_data_claims")
                            .object()
                            .names())
                    .containsExactlyInAnyOrder("nonce", "tee-pubkey");
            assertThat(evidence(token, "cpu0")
                            .required("runtime_data_claims")
                            .object()
                            .names())
                    .contains("additional-evidence");
            assertThat(guest.get(RESOURCE).status()).isEqualTo(200);
            for (String wrong : new String[] {
                "{\"sampledevice\":{\"svn\":\"2\",\"report_data\":\"\"}}",
                "{\"sampledevice\":{\"svn\":\"2\",\"report_data\":\"REPORT\"},\"sampledevice\":{}}",
                "{\"tdx\":{}}",
                "{\"nothing\":{}}",
                "[]",
                "x",
            }) {
                assertThat(guest.attest(withDevices(guest, wrong, true)).refusal())
                        .isEqualTo("401 AttestationError");
            }
            assertThat(guest.attest(withDevices(guest, devices, false)).refusal())
                    .as("evidence that does not cover the devices'")
                    .isEqualTo("401 AttestationError");
        }
    }

    @Test
    void attest_deviceWithoutPolicy_refused() throws Exception {
        Verifier ofSwitch = new Verifier() {
            @Override
            public Tee tee() {
                return Tee.NVIDIA;
            }

            @Override
            public VerifiedEvidence verify(JsonValue evidence, EvidenceBinding binding) {
                return new VerifiedEvidence(
                        "switch", "", Optional.empty(), JsonObject.builder().build());
            }
        };
        try (EmbeddedKbs kbs =
                        builder().insecureSampleEvidence().verifier(ofSwitch).start();
                RawGuest guest = new RawGuest(kbs.url())) {
            guest.attest(withDevices(guest, "{\"nvidia\":{}}", true));
            assertThat(kbs.audit().getLast().reason()).isEqualTo("no attestation policy default_switch");
        }
    }

    @Test
    void auth_onlyNamedVerifiers_takesNoSampleEvidence() throws Exception {
        try (EmbeddedKbs kbs = builder().onlyNamedVerifiers().start();
                RawGuest guest = new RawGuest(kbs.url())) {
            assertThat(guest.auth().refusal()).isEqualTo("401 AttestationError");
        }
    }

    @Test
    void auth_anotherHash_isSelectedIfTheGuestKnowsIt() throws Exception {
        try (EmbeddedKbs kbs = builder().hashAlgorithm(HashAlgorithm.SHA512).start();
                RawGuest guest = new RawGuest(kbs.url())) {
            Challenge challenge = Challenge.parse(guest.auth().body());
            assertThat(challenge.hashAlgorithm()).isEqualTo(HashAlgorithm.SHA512);
            RuntimeData runtimeData = new RuntimeData(challenge.nonce(), guest.key.publicKey());
            AttestationRequest answer = new AttestationRequest(
                    Optional.empty(),
                    runtimeData,
                    RawGuest.evidence(ReportData.ofPrimary(HashAlgorithm.SHA512, runtimeData, "")),
                    "");
            assertThat(guest.attest(answer).status()).isEqualTo(200);
            AuthRequest old = new AuthRequest("0.4.0", Tee.SAMPLE.wireName(), new JsonString(""));
            assertThat(guest.send("POST", "/kbs/v0/auth", old.toJson()).refusal())
                    .isEqualTo("401 AttestationError");
        }
    }

    @Test
    void auth_tooOften_429() throws Exception {
        try (EmbeddedKbs kbs =
                        builder().limits(KbsLimits.DEFAULT.withAuth(1, 2)).start();
                RawGuest guest = new RawGuest(kbs.url())) {
            guest.challenge();
            guest.challenge();
            assertThat(guest.auth().refusal()).isEqualTo("429 TooManyRequests");
            time.advance(Duration.ofSeconds(1));
            guest.challenge();
        }
    }

    private static final PolicyReader READER = new PolicyReader() {
        @Override
        public ResourcePolicy resourcePolicy(String text) throws PolicyException {
            return ResourcePolicy.named(text).orElseThrow(() -> new PolicyException("not understood"));
        }

        @Override
        public AttestationPolicy attestationPolicy(String text) throws PolicyException {
            if (!text.equals("affirms")) {
                throw new PolicyException("line 1, column 1: not understood");
            }
            return AFFIRMS;
        }
    };

    private static byte[] attestationPolicy(String id, String text) {
        return utf8(
                "{\"type\":\"rego\",\"policy_id\":\"" + id + "\",\"policy\":\"" + Base64Url.encode(utf8(text)) + "\"}");
    }

    @Test
    void policies_inAFolder_holdAfterAStart() throws Exception {
        BlobStores stores = BlobStores.folders(folder, Optional.empty(), new SecureRandom());
        try (EmbeddedKbs kbs = builder().policyReader(READER).storage(stores).start();
                RawGuest http = new RawGuest(kbs.url())) {
            assertThat(http.send(
                                    "POST",
                                    "/kbs/v0/attestation-policy",
                                    attestationPolicy("default_cpu", "affirms"),
                                    admin())
                            .status())
                    .isEqualTo(200);
            assertThat(http.send(
                                    "POST",
                                    "/kbs/v0/resource-policy",
                                    utf8("{\"policy\":\"" + Base64Url.encode(utf8("allow")) + "\"}"),
                                    admin())
                            .status())
                    .isEqualTo(200);
        }
        try (EmbeddedKbs kbs = EmbeddedKbs.builder()
                        .policyReader(READER)
                        .storage(stores)
                        .resourcePolicy(ResourcePolicy.DENY)
                        .start();
                RawGuest guest = new RawGuest(kbs.url())) {
            guest.token();
            assertThat(KbsJwe.open(guest.get(RESOURCE).body(), guest.key)).isEqualTo(SECRET);
        }
        assertThatThrownBy(() -> EmbeddedKbs.builder().storage(stores).start())
                .isInstanceOf(KbsException.class)
                .hasMessageContaining("policies that are kept");
    }

    @Test
    void attestationPolicy_malformed_refused() throws Exception {
        try (EmbeddedKbs kbs = builder().policyReader(READER).start();
                RawGuest http = new RawGuest(kbs.url())) {
            String path = "/kbs/v0/attestation-policy";
            for (byte[] body : List.of(
                    attestationPolicy("default_cpu", "other"),
                    attestationPolicy("../x", "affirms"),
                    attestationPolicy("", "affirms"),
                    utf8("{\"policy_id\":\"a\"}"),
                    utf8("{\"policy_id\":\"a\",\"policy\":\"YQ==\"}"),
                    utf8("{\"policy_id\":\"a\",\"policy\":\"YR\"}"),
                    utf8("{\"policy_id\":\"a\",\"policy_id\":\"a\",\"policy\":\"YQ\"}"),
                    utf8("[]"))) {
                RawGuest.Answer answer = http.send("POST", path, body, admin());
                assertThat(answer.refusal()).isEqualTo("401 AttestationError");
                assertThat(answer.error().detail()).isEqualTo("Attestation error: Set Attestation Policy failed");
            }
            assertThat(http.send("POST", path, attestationPolicy("a", "affirms"))
                            .refusal())
                    .isEqualTo("401 AdminAuthAccess");
        }
    }

    private static byte[] message(String type, String payload) {
        return utf8("{\"version\":\"0.1.0\",\"type\":\"" + type + "\",\"payload\":\""
                + Base64.getEncoder().encodeToString(utf8(payload)) + "\"}");
    }

    @Test
    void referenceValues_registered_areReadUntilTheyExpire() throws Exception {
        String path = "/kbs/v0/reference-value";
        BlobStores stores = BlobStores.folders(folder, Optional.empty(), new SecureRandom());
        try (EmbeddedKbs kbs = builder().storage(stores).start();
                RawGuest http = new RawGuest(kbs.url())) {
            RawGuest.Answer registered =
                    http.send("POST", path, message("sample", "{\"a/b\":[1,\"x\"],\"c\":null}"), admin());
            assertThat(registered.status()).isEqualTo(200);
            assertThat(registered.body()).isEmpty();
            assertThat(http.get(path + "/a/b", admin()).text()).isEqualTo("[1,\"x\"]");
            assertThat(http.get(path + "/c", admin()).text()).isEqualTo("null");
            assertThat(http.get(path + "/d", admin()).refusal()).isEqualTo("401 RvpsError");
            long soon = time.instant().getEpochSecond() + 10;
            http.send("POST", path, message("bulla", "{\"e\":{\"value\":1,\"expires\":" + soon + "}}"), admin());
            assertThat(http.get(path + "/e", admin()).text()).isEqualTo("1");
            time.advance(Duration.ofSeconds(10));
            assertThat(http.get(path + "/e", admin()).refusal()).isEqualTo("401 RvpsError");
        }
        try (EmbeddedKbs kbs = builder().storage(stores).start();
                RawGuest http = new RawGuest(kbs.url())) {
            assertThat(http.get(path + "/a/b", admin()).text()).isEqualTo("[1,\"x\"]");
            time.advance(Duration.ofDays(366));
            assertThat(http.get(path + "/a/b", admin()).refusal()).isEqualTo("401 RvpsError");
        }
    }

    @Test
    void referenceValues_malformed_refused() throws Exception {
        String path = "/kbs/v0/reference-value";
        try (EmbeddedKbs kbs = builder().sampleReferenceMessages(false).start();
                RawGuest http = new RawGuest(kbs.url())) {
            for (byte[] body : List.of(
                    message("sample", "{\"a\":1}"),
                    message("swid", "{\"a\":1}"),
                    message("bulla", "{\"a\":1}"),
                    message("bulla", "{\"\":{\"value\":1}}"),
                    message("bulla", "{\"a\":{\"value\":1,\"expires\":-1}}"),
                    message("bulla", "{\"a\":{\"value\":1},\"a\":{\"value\":1}}"),
                    utf8("{\"version\":\"0.2.0\",\"type\":\"bulla\",\"payload\":\"e30=\"}"),
                    utf8("{\"type\":\"bulla\",\"payload\":\"!\"}"),
                    utf8("{\"type\":\"bulla\",\"provenance\":\"e30=\"}"))) {
                assertThat(http.send("POST", path, body, admin()).refusal()).isEqualTo("401 RvpsError");
            }
            assertThat(http.send("POST", path, message("bulla", "{}")).refusal())
                    .isEqualTo("401 AdminAuthAccess");
            assertThat(http.get(path + "/a").refusal()).isEqualTo("401 AdminAuthAccess");
        }
    }

    @Test
    void distinctErrors_sayWhatIsMissing() throws Exception {
        try (EmbeddedKbs kbs = builder().errorMode(ErrorMode.DISTINCT).start();
                RawGuest guest = new RawGuest(kbs.url())) {
            guest.token();
            RawGuest.Answer missing = guest.get("/kbs/v0/resource/default/key/2");
            assertThat(missing.refusal()).isEqualTo("404 ResourceNotFound");
            assertThat(missing.error().detail()).isEqualTo("no resource default/key/2");
            assertThat(guest.get("/kbs/v0/resource/default").refusal()).isEqualTo("400 PluginInternalError");
            kbs.setResourcePolicy(ResourcePolicy.DENY);
            assertThat(guest.get("/kbs/v0/resource/default/key/2").refusal()).isEqualTo("403 PolicyDeny");
            assertThat(guest.get("/kbs/v0/reference-value/x", admin()).refusal())
                    .isEqualTo("404 RvpsError");
            assertThat(guest.get("/kbs/v0/resource-policy").refusal()).isEqualTo("403 AdminAuthAccess");
        }
    }

    @Test
    void trusteesErrors_areTrusteesWords() throws Exception {
        try (EmbeddedKbs kbs = builder().start();
                RawGuest guest = new RawGuest(kbs.url())) {
            assertThat(guest.get(RESOURCE).error().detail()).isEqualTo("Attestation Token not found");
            assertThat(guest.get(RESOURCE, "Authorization", "Bearer x").error().detail())
                    .isEqualTo("Token Verifier error");
            guest.token();
            assertThat(guest.get("/kbs/v0/resource/default/key/2").error().detail())
                    .isEqualTo("Plugin internal error");
            assertThat(guest.get("/kbs/v0/nothing").error().detail()).isEqualTo("Plugin nothing not found");
            kbs.setResourcePolicy(ResourcePolicy.DENY);
            assertThat(guest.get(RESOURCE).error().detail()).isEqualTo("Access denied by policy");
        }
    }

    @Test
    void query_isGivenToThePolicy() throws Exception {
        AtomicReference<ResourceRequest> asked = new AtomicReference<>();
        ResourcePolicy policy = new ResourcePolicy.Named("asks") {
            @Override
            public Optional<String> denial(ResourceRequest request) {
                asked.set(request);
                return Optional.empty();
            }
        };
        try (EmbeddedKbs kbs = builder().resourcePolicy(policy).start();
                RawGuest guest = new RawGuest(kbs.url())) {
            guest.token();
            assertThat(guest.get(RESOURCE + "?a=1&b=x%20y+z&c").status()).isEqualTo(200);
            assertThat(asked.get().query())
                    .containsEntry("a", "1")
                    .containsEntry("b", "x y z")
                    .containsEntry("c", "");
            for (String query : new String[] {"?a=1&a=2", "?a=%FF", "?" + "a".repeat(2049)}) {
                assertThat(guest.get(RESOURCE + query).refusal()).isEqualTo("404 InvalidRequestPath");
            }
        }
    }

    @Test
    void admin_rules_lookAtThePathAlone() throws Exception {
        TokenAuthorization rules = new TokenAuthorization(
                List.of(new IdentityProvider(
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(key.getPublic()),
                        Optional.empty())),
                List.of(
                        new EndpointRule("tester", EndpointPattern.parse("^/kbs/v0/resource/a/.+$")),
                        new EndpointRule("policies", EndpointPattern.parse("^/kbs/v0/(resource|attestation)-policy$"))),
                time);
        try (EmbeddedKbs kbs = builder().administration(rules).start();
                RawGuest http = new RawGuest(kbs.url())) {
            assertThat(http.send("POST", "/kbs/v0/resource/a/b/c", SECRET, admin("tester"))
                            .status())
                    .isEqualTo(200);
            assertThat(http.send("POST", "/kbs/v0/resource/b/b/c?x=/kbs/v0/resource/a/b", SECRET, admin("tester"))
                            .refusal())
                    .isEqualTo("401 AdminAuthInitialization");
            assertThat(http.get("/kbs/v0/resource-policy?x=1", admin("policies"))
                            .status())
                    .isEqualTo(200);
            assertThat(http.get("/kbs/v0/resource-policy", admin("tester")).refusal())
                    .isEqualTo("401 AdminAuthAccess");
            assertThat(kbs.audit().getLast().reason()).contains("no rule lets role \"tester\"");
            assertThat(http.get("/kbs/v0/resource-policy", admin("other")).refusal())
                    .isEqualTo("401 AdminAuthAccess");
        }
    }

    @Test
    void resources_listed_forAdministratorsOnly() throws Exception {
        try (EmbeddedKbs kbs = builder().start();
                RawGuest http = new RawGuest(kbs.url())) {
            assertThat(http.get("/kbs/v0/bulla/resources", admin()).text())
                    .isEqualTo("[{\"path\":\"default/key/1\",\"size\":6,\"modified\":\"" + time.instant() + "\"}]");
            assertThat(http.get("/kbs/v0/bulla/resources").refusal()).isEqualTo("401 AdminAuthAccess");
        }
    }

    @Test
    void resourcePlugin_off_isNotFound() throws Exception {
        try (EmbeddedKbs kbs = builder().resourcePlugin(false).start();
                RawGuest guest = new RawGuest(kbs.url())) {
            guest.token();
            assertThat(guest.get(RESOURCE).refusal()).isEqualTo("404 PluginNotFound");
        }
    }

    /** Says what it was asked; only what guests get of {@code secret} is encrypted. */
    private static final KbsPlugin ECHO = new KbsPlugin() {
        @Override
        public String name() {
            return "echo";
        }

        @Override
        public boolean isForAdministrators(PluginRequest request) {
            return request.method().equals("POST");
        }

        @Override
        public boolean isEncrypted(PluginRequest request) {
            return request.path().getFirst().equals("secret");
        }

        @Override
        public byte[] handle(PluginRequest request) throws PluginException {
            if (request.method().equals("DELETE")) {
                throw PluginException.failed("no", null);
            }
            return utf8(request.method().toLowerCase(Locale.ROOT) + request.path() + request.query());
        }
    };

    @Test
    void plugin_ofAnother_isServed() throws Exception {
        try (EmbeddedKbs kbs = builder().plugin(ECHO).start();
                RawGuest guest = new RawGuest(kbs.url())) {
            assertThat(guest.get("/kbs/v0/echo/a").refusal()).isEqualTo("401 TokenNotFound");
            guest.token();
            RawGuest.Answer plain = guest.get("/kbs/v0/echo/a/b?c=d");
            assertThat(plain.text()).isEqualTo("get[a, b]{c=d}");
            assertThat(plain.header("Content-Type")).contains("text/xml");
            assertThat(KbsJwe.open(guest.get("/kbs/v0/echo/secret").body(), guest.key))
                    .isEqualTo(utf8("get[secret]{}"));
            assertThat(guest.send("DELETE", "/kbs/v0/echo/a", new byte[0]).refusal())
                    .isEqualTo("401 PluginInternalError");
            assertThat(guest.send("POST", "/kbs/v0/echo/a", new byte[0]).refusal())
                    .isEqualTo("401 AdminAuthInitialization");
            assertThat(guest.send("POST", "/kbs/v0/echo/a", new byte[0], admin())
                            .text())
                    .isEqualTo("post[a]{}");
            kbs.setResourcePolicy(ResourcePolicy.ALLOW);
            assertThat(guest.get("/kbs/v0/echo/a").refusal()).isEqualTo("401 PolicyDeny");
        }
    }

    @Test
    void status_health_keysAndMetrics() throws Exception {
        try (EmbeddedKbs kbs = builder().metrics(true).start();
                RawGuest guest = new RawGuest(kbs.url())) {
            assertThat(guest.get("/healthz").status()).isEqualTo(200);
            CompactJws token = CompactJws.parse(guest.token());
            String kid =
                    new JsonCursor(token.header(), "$").object().required("kid").string();
            for (String path : new String[] {"/.well-known/jwks.json", "/kbs/v0/.well-known/jwks.json"}) {
                KeySet keys = KeySet.parse(guest.get(path).body());
                assertThat(token.verify(keys.find(kid).orElseThrow().key())).isNotNull();
            }
            guest.get(RESOURCE);
            assertThat(guest.get("/metrics").text())
                    .contains("bulla_kbs_requests_total{action=\"release\",allowed=\"true\"} 1\n")
                    .contains("bulla_kbs_sessions 1\n")
                    .doesNotContain("default");
        }
        try (EmbeddedKbs kbs = builder().start();
                RawGuest guest = new RawGuest(kbs.url())) {
            assertThat(guest.get("/metrics").refusal()).isEqualTo("404 InvalidRequestPath");
        }
    }

    @Test
    void auditFile_hasEveryRequestAndNoSecret() throws Exception {
        Path file = folder.resolve("audit");
        String token;
        AuditHead head;
        try (EmbeddedKbs kbs = builder().auditFile(file, false).start();
                RawGuest guest = new RawGuest(kbs.url())) {
            token = guest.token();
            guest.get(RESOURCE);
            guest.send("POST", "/kbs/v0/resource/a/b/c", SECRET, admin());
            head = kbs.auditHead().orElseThrow();
        }
        assertThat(AuditHead.verify(file)).isEqualTo(head);
        String text = Files.readString(file);
        assertThat(text.lines().map(line -> action(line))).containsExactly("challenge", "attest", "release", "store");
        assertThat(text)
                .doesNotContain(token)
                .doesNotContain("secret")
                .contains("\"administrator\":\"admin\"")
                .contains("policy affirming");
    }

    private static String action(String line) {
        try {
            return JsonCursor.parse(line).object().required("action").string();
        } catch (JsonException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void start_brokenAuditFile_refused() throws Exception {
        Path file = folder.resolve("audit");
        Files.writeString(file, "nonsense\n");
        assertThatThrownBy(() -> builder().auditFile(file, false).start())
                .isInstanceOf(KbsException.class)
                .hasMessageContaining("line 1");
    }

    @Test
    void appraisalExtension_isInTheToken() throws Exception {
        AttestationPolicy extending = (evidence, values) -> new Appraisal(
                AFFIRMS.appraise(evidence, values).vector(),
                List.of(new Appraisal.Extension("ear.trustee.identifiers", -1, JsonNumber.of(7))));
        try (EmbeddedKbs kbs =
                        builder().attestationPolicy("default_cpu", extending).start();
                RawGuest guest = new RawGuest(kbs.url())) {
            JsonObject claims = CompactJws.parse(guest.token()).unverifiedClaims();
            assertThat(JsonWriter.compact(claims)).contains("\"ear.trustee.identifiers\":7");
        }
        AttestationPolicy overwriting = (evidence, values) -> new Appraisal(
                AFFIRMS.appraise(evidence, values).vector(),
                List.of(new Appraisal.Extension("ear.status", 1, new JsonArray(List.of()))));
        try (EmbeddedKbs kbs =
                        builder().attestationPolicy("default_cpu", overwriting).start();
                RawGuest guest = new RawGuest(kbs.url())) {
            assertThat(guest.attest(guest.answerTo(guest.challenge())).refusal())
                    .isEqualTo("401 AttestationError");
        }
    }

    @Test
    void halfARequest_isCutOff() throws Exception {
        try (EmbeddedKbs kbs = builder().start();
                Socket socket = new Socket(kbs.url().getHost(), kbs.url().getPort())) {
            OutputStream out = socket.getOutputStream();
            out.write(utf8("POST /kbs/v0/auth HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"));
            out.flush();
            InputStream in = socket.getInputStream();
            assertThat(in.readAllBytes()).isEmpty(); // ends when the server closes the connection
        }
    }

    @Test
    void attest_badInput_refused() throws Exception {
        try (EmbeddedKbs kbs = builder().start();
                RawGuest guest = new RawGuest(kbs.url())) {
            for (String[] change : new String[][] {
                {"\"kty\":\"EC\"", "\"kty\":\"EC\",\"kid\":\"a\""},
                {"\"kty\":\"EC\"", "\"kty\":\"EC\",\"kty\":\"EC\""},
                {"\"P-256\"", "\"P-384\""},
                {"\"alg\":\"ECDH-ES+A256KW\"", "\"alg\":\"none\""},
                {"\"svn\":\"1\"", "\"svn\":1"},
                {"\"additional_evidence\":\"\"", "\"additional_evidence\":{}"},
                {"\"init-data\":null", "\"init-data\":[]"},
                {"\"x\":\"", "\"x\":\"="},
                {"\"runtime-data\"", "\"runtime_data\""},
            }) {
                String right = new String(guest.answerTo(guest.challenge()).toJson(), StandardCharsets.UTF_8);
                assertThat(right).contains(change[0]);
                RawGuest.Answer answer =
                        guest.send("POST", "/kbs/v0/attest", utf8(right.replace(change[0], change[1])));
                assertThat(answer.refusal()).as(change[1]).isEqualTo("401 AttestationError");
                assertThat(answer.error().detail()).isEqualTo("Attestation error: RCAR handshake Attest failed");
                assertThat(kbs.audit().getLast().allowed()).isFalse();
            }
            assertThat(kbs.attestations()).isZero();
        }
    }

    /** The passport way: one KBS attests, another, which trusts its certificate, releases. */
    @Test
    void release_tokenOfACertifiedSigner_believedByWhoTrustsItsRoot() throws Exception {
        TestCertificates certificate = TestCertificates.make(folder, "signer", "IP:127.0.0.1");
        Instant issued = PemText.certificates(certificate.certificatePem())
                .getFirst()
                .getNotBefore()
                .toInstant();
        InstantSource later = InstantSource.fixed(issued.plusSeconds(60));
        TokenSigner signer = TokenSigner.of(
                certificate.keyPem(), Optional.of(certificate.certificatePem()), Optional.of("https://example.com/c"));
        TokenAnchors anchors = new TokenAnchors(
                Optional.of(new CertificateTrust(PemText.certificates(certificate.certificatePem()), later)),
                List.of(),
                List.of(),
                false);
        try (EmbeddedKbs attesting = builder().time(later).tokenSigner(signer).start();
                EmbeddedKbs releasing =
                        builder().time(later).tokenAnchors(anchors).start();
                EmbeddedKbs other = builder().time(later).start();
                RawGuest guest = new RawGuest(attesting.url());
                RawGuest asking = new RawGuest(releasing.url());
                RawGuest askingOther = new RawGuest(other.url())) {
            String[] bearer = {"Authorization", "Bearer " + guest.token()};
            assertThat(KbsJwe.open(asking.get(RESOURCE, bearer).body(), guest.key))
                    .isEqualTo(SECRET);
            assertThat(askingOther.get(RESOURCE, bearer).refusal()).isEqualTo("401 TokenVerifierError");
        }
        TestCertificates another = TestCertificates.make(folder, "another", "IP:127.0.0.1");
        assertThatThrownBy(() ->
                        TokenSigner.of(certificate.keyPem(), Optional.of(another.certificatePem()), Optional.empty()))
                .hasMessageContaining("that of another key");
    }
}
