package dev.bulla.attestation.client;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.client.evidence.Attester;
import dev.bulla.attestation.client.evidence.SampleAttester;
import dev.bulla.attestation.protocol.AttestationRequest;
import dev.bulla.attestation.protocol.HashAlgorithm;
import dev.bulla.attestation.protocol.InitData;
import dev.bulla.attestation.protocol.InitDataDocument;
import dev.bulla.attestation.protocol.KbsJwe;
import dev.bulla.attestation.protocol.ReportData;
import dev.bulla.attestation.protocol.Tee;
import dev.bulla.attestation.protocol.TeeKeyAlgorithm;
import dev.bulla.attestation.protocol.TeeKeyPair;
import dev.bulla.oci.Digest;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonNull;
import dev.bulla.oci.json.JsonValue;
import dev.bulla.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a session is begun with, what ends it, and what is handed on of it. */
class KbsSessionsTest {
    private static final Digest POLICY = digest("0");

    private FakeKbs kbs;

    @BeforeEach
    void start() throws Exception {
        kbs = new FakeKbs();
    }

    @AfterEach
    void stop() {
        kbs.close();
    }

    @Test
    void attest_withInitData_sendsItAsItStands() throws Exception {
        String toml = "algorithm = \"sha256\"\nversion = \"0.1.0\"\n\n[data]\n\"aa.toml\" = \"\"\"\nx = 1\n\"\"\"\n";
        InitDataDocument document = InitDataDocument.parse(toml.getBytes(StandardCharsets.UTF_8));
        try (KbsClient client =
                kbs.builder(new SampleAttester()).initData(document).build()) {
            client.fetch(FakeKbs.uri(), 32);
        }
        assertThat(kbs.attestations.getFirst().initData()).contains(new InitData("toml", toml));
    }

    @Test
    void attest_withDevices_primaryCoversTheirText() throws Exception {
        try (KbsClient client = kbs.builder(new Devices.Showing(Tee.TDX))
                .devices(List.of(new Devices.Showing(Tee.NVIDIA), new Devices.Showing(Tee.SAMPLE_DEVICE)))
                .build()) {
            client.fetch(FakeKbs.uri(), 32);
        }
        AttestationRequest request = kbs.attestations.getFirst();
        String device = hex(ReportData.ofDevice(HashAlgorithm.SHA384, request.runtimeData()));
        assertThat(request.additionalEvidence())
                .isEqualTo("{\"nvidia\":{\"of\":\"" + device + "\"},\"sampledevice\":{\"of\":\"" + device + "\"}}");
        assertThat(JsonWriter.compact(request.primaryEvidence()))
                .isEqualTo("{\"of\":\""
                        + hex(ReportData.ofPrimary(
                                HashAlgorithm.SHA384, request.runtimeData(), request.additionalEvidence()))
                        + "\"}");
    }

    @Test
    void attest_deviceWithoutEvidence_fails() throws Exception {
        try (KbsClient client = kbs.builder(new SampleAttester())
                .devices(List.of(new Devices.Failing()))
                .build()) {
            assertThatThrownBy(() -> client.fetch(FakeKbs.uri(), 32)).isInstanceOf(EvidenceUnavailableException.class);
        }
        assertThatThrownBy(() -> kbs.builder(new SampleAttester())
                        .devices(List.of(new Devices.Failing(), new Devices.Failing())))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /** Who is on the way can change what comes; none of it is taken, and none of it asked for again. */
    @Test
    void fetch_resourceChangedOnTheWay_badServer() throws Exception {
        Map<UnaryOperator<String>, String> changes = new LinkedHashMap<>();
        changes.put(jwe -> jwe.replace("{\"protected\"", "{\"tag\":\"\",\"protected\""), "duplicate key \"tag\"");
        changes.put(jwe -> jwe.replace("{\"protected\"", "{\"aad\":\"AA\",\"protected\""), "unknown key \"aad\"");
        changes.put(jwe -> jwe.replace("{\"protected\"", "{\"header\":{},\"protected\""), "unknown key \"header\"");
        changes.put(jwe -> jwe.replaceAll("\"iv\":\"[^\"]+\"", "\"iv\":7"), "$.iv: got a number");
        changes.put(jwe -> jwe.replaceAll("\"tag\":\"[^\"]+\"", "\"tag\":null"), "$.tag: got null");
        changes.put(
                jwe -> jwe.replaceAll("\"ciphertext\":\"[^\"]+\"", "\"ciphertext\":\"AB\""), "not canonical base64url");
        changes.put(jwe -> jwe.replaceAll("\"iv\":\"([^\"]+)\"", "\"iv\":\"$1=\""), "base64url");
        changes.put(
                jwe -> jwe.replaceAll("\"ciphertext\":\"[^\"]+\"", "\"ciphertext\":\"AAAA\""), "does not authenticate");
        changes.put(jwe -> jwe + "{}", "data after the JSON value");
        changes.put(jwe -> jwe.substring(1), "not strict JSON");
        changes.put(jwe -> "[" + jwe + "]", "expected an object");
        try (KbsClient client = kbs.builder(new SampleAttester()).build()) {
            for (var change : changes.entrySet()) {
                kbs.onTheWay = change.getKey();
                assertThatThrownBy(() -> client.fetch(FakeKbs.uri(), 32))
                        .isInstanceOf(BadServerException.class)
                        .hasMessageContaining("encrypted resource")
                        .hasMessageContaining(change.getValue());
            }
            assertThat(gets()).isEqualTo(changes.size());
            assertThat(client.attestations()).isEqualTo(1);
        }
    }

    @Test
    void passport_withWhatAttests_refused() throws Exception {
        TeeKeyPair key = TeeKeyPair.generate(TeeKeyAlgorithm.EC_P256, new SecureRandom());
        List<UnaryOperator<KbsClient.Builder>> settings = List.of(
                KbsClient.Builder::exportableKey,
                builder -> builder.devices(List.of(new SampleAttester())),
                builder -> builder.reattestOnMeasure(MeasuredRegisters.ALL));
        for (UnaryOperator<KbsClient.Builder> setting : settings) {
            KbsClient.Builder builder =
                    setting.apply(KbsClient.passport(kbs.server.url("/").uri(), FakeKbs.token(), key)
                            .insecureHttp());
            assertThatThrownBy(builder::build)
                    .isInstanceOf(KbsConfigurationException.class)
                    .hasMessageContaining("nothing is attested");
        }
    }

    @Test
    void measured_watchedRegister_attestsAnew() throws Exception {
        try (KbsClient client = kbs.builder(new Devices.Showing(Tee.TDX))
                .reattestOnMeasure(MeasuredRegisters.of(Set.of(3)))
                .build()) {
            client.fetch(FakeKbs.uri(), 32);
            client.measured(4);
            client.fetch(FakeKbs.uri(), 32);
            assertThat(client.attestations()).isEqualTo(1);
            client.measured(3);
            client.fetch(FakeKbs.uri(), 32);
            client.fetch(FakeKbs.uri(), 32);
            assertThat(client.attestations()).isEqualTo(2);
        }
    }

    @Test
    void measured_unlessSaid_everyRegisterOfARealTeeAndNoneOfTheSample() throws Exception {
        try (KbsClient real = kbs.builder(new Devices.Showing(Tee.SNP)).build();
                KbsClient sample = kbs.builder(new SampleAttester()).build()) {
            for (KbsClient client : List.of(real, sample)) {
                client.fetch(FakeKbs.uri(), 32);
                client.measured(17);
                client.fetch(FakeKbs.uri(), 32);
            }
            assertThat(real.attestations()).isEqualTo(2);
            assertThat(sample.attestations()).isEqualTo(1);
        }
    }

    /** Evidence that was made before the register changed does not show it, though its session begins after. */
    @Test
    void measured_whileAttesting_attestsAnewForTheNextFetch() throws Exception {
        KbsClient[] client = new KbsClient[1];
        Attester measuring = new Attester() {
            private boolean done;

            @Override
            public Tee tee() {
                return Tee.TDX;
            }

            @Override
            public dev.bulla.oci.json.JsonValue evidence(byte[] reportData) {
                if (!done) {
                    done = true;
                    client[0].measured(0);
                }
                return new SampleAttester().evidence(reportData);
            }
        };
        client[0] = kbs.builder(measuring).build();
        try (KbsClient attesting = client[0]) {
            attesting.fetch(FakeKbs.uri(), 32);
            assertThat(attesting.attestations()).isEqualTo(1);
            attesting.fetch(FakeKbs.uri(), 32);
            assertThat(attesting.attestations()).isEqualTo(2);
        }
    }

    @Test
    void registers_malformed_refused() {
        assertThat(MeasuredRegisters.of(Set.of(0, MeasuredRegisters.MAX_INDEX)).cover(23))
                .isTrue();
        assertThatThrownBy(() -> MeasuredRegisters.of(Set.of(MeasuredRegisters.MAX_INDEX + 1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> MeasuredRegisters.of(Set.of(-1))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new MeasuredRegisters(true, Set.of(1))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void passport_fetch_showsTheTokenAlone() throws Exception {
        TeeKeyPair key = TeeKeyPair.generate(TeeKeyAlgorithm.EC_P256, new SecureRandom());
        kbs.useKey(key.publicKey());
        try (KbsClient client = passport(FakeKbs.token(), key)) {
            assertThat(client.fetch(FakeKbs.uri(), 32)).isEqualTo(FakeKbs.SECRET);
            client.measured(0);
            assertThat(client.fetch(FakeKbs.uri(), 32)).isEqualTo(FakeKbs.SECRET);
            assertThat(kbs.asked).containsExactly(FakeKbs.GET, FakeKbs.GET);
            assertThat(kbs.lastRequest().getHeaders().get("Authorization")).isEqualTo("Bearer " + FakeKbs.token());
            assertThat(kbs.lastRequest().getHeaders().get("Cookie")).isNull();
            assertThat(client.attestations()).isZero();
            kbs.fault(FakeKbs.GET, FakeKbs.refusal(401, "TokenVerifierError"));
            assertThatThrownBy(() -> client.fetch(FakeKbs.uri(), 32))
                    .isInstanceOf(EvidenceRefusedException.class)
                    .hasMessageNotContaining(FakeKbs.token());
            assertThat(kbs.asked).hasSize(3);
        }
    }

    @Test
    void passport_tokenThatNobodySigned_refused() {
        TeeKeyPair key = TeeKeyPair.generate(TeeKeyAlgorithm.EC_P256, new SecureRandom());
        for (String token :
                List.of("", "a b", "x\r\nEvil: 1", "e30.e30.AA", FakeKbs.token() + ".", "eyJhbGciOiJub25lIn0.e30.AA")) {
            assertThatThrownBy(() -> passport(token, key))
                    .isInstanceOf(KbsConfigurationException.class)
                    .hasMessageStartingWith("passport: token");
        }
    }

    @Test
    void tokens_kbs_haveTheAgentsShape() throws Exception {
        for (TeeKeyAlgorithm algorithm : List.of(TeeKeyAlgorithm.EC_P256, TeeKeyAlgorithm.RSA_2048)) {
            try (KbsClient client = kbs.builder(new SampleAttester())
                    .keyAlgorithm(algorithm)
                    .exportableKey()
                    .build()) {
                byte[] json = new AttestationTokens(Optional.of(client), Optional.empty()).get("kbs");
                JsonCursor.Members answer = JsonCursor.parse(json).object();
                assertThat(answer.names()).containsExactly("token", "tee_keypair");
                assertThat(answer.required("token").string())
                        .isEqualTo(FakeKbs.token())
                        .isEqualTo(client.token().token());
                TeeKeyPair key = TeeKeyPair.fromPem(
                        answer.required("tee_keypair").string().getBytes(StandardCharsets.US_ASCII));
                assertThat(key.publicKey())
                        .isEqualTo(kbs.attestations.getLast().runtimeData().teePublicKey());
                assertThat(KbsJwe.open(KbsJwe.seal(FakeKbs.SECRET, key.publicKey(), new SecureRandom()), key))
                        .isEqualTo(FakeKbs.SECRET);
            }
        }
        assertThat(kbs.attestations).hasSize(2);
    }

    @Test
    void tokens_cocoAs_arePostedAndReadAsTheAgentDoes() throws Exception {
        try (MockWebServer as = new MockWebServer()) {
            as.start();
            as.enqueue(FakeKbs.status(503));
            as.enqueue(FakeKbs.ok(FakeKbs.token()));
            as.enqueue(FakeKbs.ok("\"" + FakeKbs.token() + "\""));
            as.enqueue(
                    new MockResponse.Builder().code(400).body("bad\nevidence").build());
            as.enqueue(FakeKbs.status(500));
            try (AttestationServiceClient service = AttestationServiceClient.builder(
                            as.url("/").uri(), new Devices.Showing(Tee.TDX))
                    .insecureHttp()
                    .version("1")
                    .retries(kbs.time(), new SecureRandom(), time -> {})
                    .build()) {
                AttestationTokens tokens = new AttestationTokens(Optional.empty(), Optional.of(service));
                assertThat(new String(tokens.get("coco_as"), StandardCharsets.US_ASCII))
                        .isEqualTo(FakeKbs.token());
                as.takeRequest();
                RecordedRequest request = as.takeRequest();
                assertThat(request.getUrl().encodedPath()).isEqualTo("/attestation");
                assertThat(request.getHeaders().get("Content-Type")).isEqualTo("application/json");
                String evidence = java.util.Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(("{\"of\":\"" + "00".repeat(64) + "\"}").getBytes(StandardCharsets.US_ASCII));
                assertThat(requireNonNull(request.getBody()).utf8())
                        .isEqualTo("{\"verification_requests\":[{\"tee\":\"tdx\",\"evidence\":\"" + evidence
                                + "\"}],\"policy_ids\":[]}");
                assertThatThrownBy(() -> tokens.get("coco_as")).isInstanceOf(BadServerException.class);
                assertThatThrownBy(() -> tokens.get("coco_as"))
                        .isInstanceOf(EvidenceRefusedException.class)
                        .hasMessageContaining("\"bad\\u{a}evidence\"");
                assertThatThrownBy(() -> tokens.get("coco_as")).isInstanceOf(BadServerException.class);
            }
        }
    }

    @Test
    void tokens_notToBeHad_refused() throws Exception {
        AttestationTokens none = new AttestationTokens(Optional.empty(), Optional.empty());
        for (String type : List.of("kbs", "coco_as", "KBS", "")) {
            assertThatThrownBy(() -> none.get(type)).isInstanceOf(KbsConfigurationException.class);
        }
        try (KbsClient client = kbs.builder(new SampleAttester()).build()) {
            assertThatThrownBy(() -> new AttestationTokens(Optional.of(client), Optional.empty()))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        try (KbsClient client =
                kbs.builder(new SampleAttester()).exportableKey().build()) {
            kbs.fault(FakeKbs.AUTH, FakeKbs.refusal(401, "AttestationError"));
            assertThatThrownBy(() -> new AttestationTokens(Optional.of(client), Optional.empty()).get("kbs"))
                    .isInstanceOf(EvidenceRefusedException.class);
        }
        assertThatThrownBy(() -> AttestationServiceClient.builder(
                                kbs.server.url("/").uri(), new SampleAttester())
                        .build())
                .isInstanceOf(KbsConfigurationException.class)
                .hasMessageContaining("plain HTTP is refused");
    }

    @Test
    void authorise_withinTheTime_doesNotAsk() throws Exception {
        try (KbsClient client = kbs.builder(new SampleAttester()).build()) {
            KeyAuthorisations keys = new KeyAuthorisations(client, Optional.of(Duration.ofMinutes(10)), kbs.time());
            keys.authorise(FakeKbs.uri(), POLICY, "pod");
            assertThat(gets()).isEqualTo(1);
            kbs.advance(Duration.ofMinutes(10).minusMillis(1));
            keys.authorise(FakeKbs.uri(), POLICY, "pod");
            assertThat(gets()).isEqualTo(1);
            kbs.advance(Duration.ofMillis(1));
            keys.authorise(FakeKbs.uri(), POLICY, "pod");
            assertThat(gets()).isEqualTo(2);
            keys.authorise(FakeKbs.uri(), digest("1"), "pod");
            keys.authorise(FakeKbs.uri(), POLICY, "another");
            assertThat(gets()).isEqualTo(4);
        }
    }

    @Test
    void authorise_refusedOrUnreachable_failsClosedAndForgets() throws Exception {
        try (KbsClient client = kbs.builder(new SampleAttester()).build()) {
            KeyAuthorisations keys = new KeyAuthorisations(client, Optional.of(Duration.ofMinutes(1)), kbs.time());
            keys.released(FakeKbs.uri(), POLICY, "pod");
            keys.authorise(FakeKbs.uri(), POLICY, "pod");
            assertThat(gets()).isZero();
            kbs.advance(Duration.ofMinutes(1));
            kbs.fault(FakeKbs.GET, FakeKbs.refusal(403, "PolicyDeny"));
            assertThatThrownBy(() -> keys.authorise(FakeKbs.uri(), POLICY, "pod"))
                    .isInstanceOf(DeniedByPolicyException.class);
            // A clock set back now would make the old one good again, were it still there.
            kbs.advance(Duration.ofSeconds(-30));
            for (int i = 0; i < Retries.MAX_GETS; i++) {
                kbs.fault(FakeKbs.GET, FakeKbs.status(504));
            }
            assertThatThrownBy(() -> keys.authorise(FakeKbs.uri(), POLICY, "pod"))
                    .isInstanceOf(BadServerException.class);
            keys.authorise(FakeKbs.uri(), POLICY, "pod");
        }
    }

    @Test
    void authorise_clockSetBack_asksAgain() throws Exception {
        try (KbsClient client = kbs.builder(new SampleAttester()).build()) {
            KeyAuthorisations keys = new KeyAuthorisations(client, Optional.of(Duration.ofHours(1)), kbs.time());
            keys.authorise(FakeKbs.uri(), POLICY, "pod");
            kbs.advance(Duration.ofSeconds(-1));
            keys.authorise(FakeKbs.uri(), POLICY, "pod");
            assertThat(gets()).isEqualTo(2);
        }
    }

    @Test
    void authorise_unlessSaid_isForTheSessionsLife() throws Exception {
        try (KbsClient client = kbs.builder(new Devices.Showing(Tee.TDX)).build()) {
            KeyAuthorisations keys = new KeyAuthorisations(client, Optional.empty(), kbs.time());
            keys.authorise(FakeKbs.uri(), POLICY, "pod");
            keys.authorise(FakeKbs.uri(), POLICY, "pod");
            assertThat(gets()).isEqualTo(1);
            client.measured(0);
            keys.authorise(FakeKbs.uri(), POLICY, "pod");
            assertThat(gets()).isEqualTo(2);
            kbs.advance(Duration.ofSeconds(270));
            keys.authorise(FakeKbs.uri(), POLICY, "pod");
            assertThat(gets()).isEqualTo(3);
            assertThat(client.attestations()).isEqualTo(3);
        }
    }

    /** What a session gave before something was measured says nothing of the session that came meanwhile. */
    @Test
    void authorise_sessionChangedMeanwhile_isForTheSessionThatGave() throws Exception {
        try (KbsClient client = kbs.builder(new Devices.Showing(Tee.TDX)).build()) {
            KeyAuthorisations keys = new KeyAuthorisations(client, Optional.empty(), kbs.time());
            kbs.beforeAnswer = () -> {
                client.measured(0);
                begin(client);
            };
            keys.authorise(FakeKbs.uri(), POLICY, "pod");
            kbs.beforeAnswer = () -> {};
            assertThat(client.attestations()).isEqualTo(2);
            assertThat(gets()).isEqualTo(1);
            keys.authorise(FakeKbs.uri(), POLICY, "pod");
            assertThat(gets()).isEqualTo(2);
        }
    }

    private static void begin(KbsClient client) {
        try {
            client.token();
        } catch (AttestationException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void close_whileAttesting_leavesNoSession() throws Exception {
        KbsClient[] client = new KbsClient[1];
        client[0] = kbs.builder(new Attester() {
                    @Override
                    public Tee tee() {
                        return Tee.SAMPLE;
                    }

                    @Override
                    public JsonValue evidence(byte[] reportData) {
                        client[0].close();
                        return JsonNull.NULL;
                    }
                })
                .build();
        assertThatThrownBy(() -> client[0].fetch(FakeKbs.uri(), 32)).isInstanceOf(KbsUnreachableException.class);
        assertThat(client[0].standing()).isEmpty();
        assertThat(gets()).isZero();
    }

    @Test
    void close_whileFetching_typedFailure() throws Exception {
        KbsClient client = kbs.builder(new SampleAttester()).build();
        kbs.beforeAnswer = client::close;
        assertThatThrownBy(() -> client.fetch(FakeKbs.uri(), 32)).isInstanceOf(KbsUnreachableException.class);
    }

    @Test
    void passport_closedUnused_closesItsKey() throws Exception {
        TeeKeyPair key = TeeKeyPair.generate(TeeKeyAlgorithm.EC_P256, new SecureRandom());
        passport(FakeKbs.token(), key).close();
        assertThatThrownBy(key::toPem).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void authorise_moreThanAreRemembered_theOldestAsksAgain() throws Exception {
        try (KbsClient client = kbs.builder(new SampleAttester()).build()) {
            KeyAuthorisations keys = new KeyAuthorisations(client, Optional.of(Duration.ofHours(1)), kbs.time());
            for (int i = 0; i <= KeyAuthorisations.MAX_REMEMBERED; i++) {
                keys.released(FakeKbs.uri(), POLICY, "pod-" + i);
            }
            keys.authorise(FakeKbs.uri(), POLICY, "pod-1");
            assertThat(gets()).isZero();
            keys.authorise(FakeKbs.uri(), POLICY, "pod-0");
            assertThat(gets()).isEqualTo(1);
        }
    }

    private KbsClient passport(String token, TeeKeyPair key) throws Exception {
        return KbsClient.passport(kbs.server.url("/").uri(), token, key)
                .insecureHttp()
                .time(kbs.time())
                .pause(time -> {})
                .build();
    }

    private long gets() {
        return kbs.asked.stream().filter(FakeKbs.GET::equals).count();
    }

    private static Digest digest(String character) {
        try {
            return Digest.parse("sha256:" + character.repeat(64));
        } catch (dev.bulla.oci.OciException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
