package dev.bulla.kbs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.client.AttestationTokens;
import dev.bulla.attestation.client.DeniedByPolicyException;
import dev.bulla.attestation.client.EvidenceRefusedException;
import dev.bulla.attestation.client.KbsChannel;
import dev.bulla.attestation.client.KbsClient;
import dev.bulla.attestation.client.KbsConfigurationException;
import dev.bulla.attestation.client.KbsResourceSource;
import dev.bulla.attestation.client.KbsUnreachableException;
import dev.bulla.attestation.client.KeyAuthorisations;
import dev.bulla.attestation.client.NoSuchResourceException;
import dev.bulla.attestation.client.ResourceTooLargeException;
import dev.bulla.attestation.client.evidence.Attester;
import dev.bulla.attestation.client.evidence.SampleAttester;
import dev.bulla.attestation.protocol.ResourcePath;
import dev.bulla.attestation.protocol.ResourceUri;
import dev.bulla.attestation.protocol.Tee;
import dev.bulla.attestation.protocol.TeeKeyAlgorithm;
import dev.bulla.attestation.protocol.TeeKeyPair;
import dev.bulla.kbs.policy.ResourcePolicy;
import dev.bulla.oci.Digest;
import dev.bulla.oci.ResourceException;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonValue;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The client against the embedded KBS, over real connections. */
class KbsClientEndToEndTest {
    private static final ResourcePath KEY = new ResourcePath("default", "key", "1");
    private static final byte[] SECRET = "0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.UTF_8);

    private final SettableTime time = new SettableTime();
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable closeable : open.reversed()) {
            closeable.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void fetch_eachKeyAlgorithm_givesResource(TeeKeyAlgorithm algorithm) throws Exception {
        EmbeddedKbs kbs = start(EmbeddedKbs.builder()
                .experimentalMlKem()
                .withSampleReferenceValues()
                .resource(KEY, SECRET));
        KbsClient client = open(builder(kbs).keyAlgorithm(algorithm).build());
        assertThat(client.fetch(ResourceUri.of(KEY), 32)).isEqualTo(SECRET);
        assertThat(client.attestations()).isEqualTo(1);
    }

    @Test
    void fetch_experimentalKeyOfAKbsThatWasNotAsked_refused() throws Exception {
        EmbeddedKbs kbs =
                start(EmbeddedKbs.builder().withSampleReferenceValues().resource(KEY, SECRET));
        KbsClient client = open(builder(kbs)
                .keyAlgorithm(TeeKeyAlgorithm.EXPERIMENTAL_ML_KEM_768)
                .build());
        assertThatThrownBy(() -> client.fetch(ResourceUri.of(KEY), 32)).isInstanceOf(EvidenceRefusedException.class);
        assertThat(kbs.audit().getLast().reason()).contains("\"AKP\", which is experimental");
    }

    @Test
    void teeKey_none_refusedOnce() {
        KbsClient.Builder builder = KbsClient.builder(URI.create("https://kbs.example"), new SampleAttester());
        assertThatThrownBy(() -> builder.teeKey(new byte[] {'x'}))
                .isInstanceOf(KbsConfigurationException.class)
                .hasMessageStartingWith("TEE key: expected PEM");
    }

    @Test
    void fetch_passport_givesResourceWithoutAnAttestation() throws Exception {
        EmbeddedKbs kbs =
                start(EmbeddedKbs.builder().withSampleReferenceValues().resource(KEY, SECRET));
        for (TeeKeyAlgorithm algorithm : List.of(TeeKeyAlgorithm.EC_P521, TeeKeyAlgorithm.RSA_2048)) {
            KbsClient attesting =
                    open(builder(kbs).keyAlgorithm(algorithm).exportableKey().build());
            JsonCursor.Members answer = JsonCursor.parse(
                            new AttestationTokens(Optional.of(attesting), Optional.empty()).get("kbs"))
                    .object();
            KbsClient bearing = open(KbsClient.passport(
                            kbs.url(),
                            answer.required("token").string(),
                            TeeKeyPair.fromPem(
                                    answer.required("tee_keypair").string().getBytes(StandardCharsets.US_ASCII)))
                    .insecureHttp()
                    .time(time)
                    .build());
            int before = kbs.attestations();
            assertThat(bearing.fetch(ResourceUri.of(KEY), 32)).isEqualTo(SECRET);
            assertThat(kbs.attestations()).isEqualTo(before);
            assertThat(bearing.attestations()).isZero();
            kbs.setResourcePolicy(ResourcePolicy.DENY);
            assertThatThrownBy(() -> bearing.fetch(ResourceUri.of(KEY), 32))
                    .isInstanceOf(DeniedByPolicyException.class);
            kbs.setResourcePolicy(ResourcePolicy.ALLOW);
            time.advance(Duration.ofMinutes(10));
            assertThatThrownBy(() -> bearing.fetch(ResourceUri.of(KEY), 32))
                    .isInstanceOf(EvidenceRefusedException.class);
        }
    }

    @Test
    void authorise_afterTheSession_asksAgainAndFailsClosed() throws Exception {
        EmbeddedKbs kbs =
                start(EmbeddedKbs.builder().withSampleReferenceValues().resource(KEY, SECRET));
        KbsClient client = open(builder(kbs).build());
        KeyAuthorisations authorisations = new KeyAuthorisations(client, Optional.empty(), time);
        Digest policy = Digest.parse("sha256:" + "0".repeat(64));
        authorisations.authorise(ResourceUri.of(KEY), policy, "pod");
        kbs.setResourcePolicy(ResourcePolicy.DENY);
        authorisations.authorise(ResourceUri.of(KEY), policy, "pod");
        assertThatThrownBy(() -> authorisations.authorise(ResourceUri.of(KEY), policy, "another"))
                .isInstanceOf(DeniedByPolicyException.class);
        time.advance(Duration.ofMinutes(5));
        assertThatThrownBy(() -> authorisations.authorise(ResourceUri.of(KEY), policy, "pod"))
                .isInstanceOf(DeniedByPolicyException.class);
        kbs.setResourcePolicy(ResourcePolicy.AFFIRMING);
        authorisations.authorise(ResourceUri.of(KEY), policy, "pod");
        kbs.close();
        time.advance(Duration.ofMinutes(5));
        assertThatThrownBy(() -> authorisations.authorise(ResourceUri.of(KEY), policy, "pod"))
                .isInstanceOf(KbsUnreachableException.class);
    }

    @Test
    void fetch_twelveKeysAtOnce_oneAttestation() throws Exception {
        EmbeddedKbs.Builder builder = EmbeddedKbs.builder().withSampleReferenceValues();
        List<Callable<byte[]>> fetches = new ArrayList<>();
        KbsClient[] client = new KbsClient[1];
        for (int i = 0; i < 12; i++) {
            ResourcePath path = new ResourcePath("default", "key", "layer-" + i);
            builder.resource(path, path.toString().getBytes(StandardCharsets.UTF_8));
            fetches.add(() -> client[0].fetch(ResourceUri.of(path), 64));
        }
        EmbeddedKbs kbs = start(builder);
        client[0] = open(builder(kbs).build());
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<byte[]>> results = executor.invokeAll(fetches);
            for (int i = 0; i < 12; i++) {
                assertThat(new String(results.get(i).get(), StandardCharsets.UTF_8))
                        .isEqualTo("default/key/layer-" + i);
            }
        }
        assertThat(client[0].attestations()).isEqualTo(1);
        assertThat(kbs.attestations()).isEqualTo(1);
        assertThat(kbs.audit().stream().filter(r -> r.action() == AuditRecord.Action.ATTEST))
                .hasSize(1);
        assertThat(kbs.audit().stream().filter(r -> r.action() == AuditRecord.Action.RELEASE && r.allowed()))
                .hasSize(12)
                .allSatisfy(record -> {
                    assertThat(record.tee()).contains("sample");
                    assertThat(record.keyThumbprint()).isPresent();
                });
    }

    @Test
    void fetch_denied_saysSoInTheServersWords() throws Exception {
        EmbeddedKbs kbs = start(EmbeddedKbs.builder()
                .withSampleReferenceValues()
                .resource(KEY, SECRET)
                .resourcePolicy(ResourcePolicy.DENY));
        KbsClient client = open(builder(kbs).build());
        assertThatThrownBy(() -> client.fetch(ResourceUri.of(KEY), 32))
                .isInstanceOf(DeniedByPolicyException.class)
                .hasMessageContaining("kbs:///default/key/1")
                .hasMessageContaining("\"Access denied by policy\"");
        assertThat(client.attestations()).isEqualTo(1);
        assertThat(kbs.audit().getLast().reason()).startsWith("policy deny denies");
    }

    @Test
    void fetch_contraindicated_deniedByDefault() throws Exception {
        EmbeddedKbs kbs = start(EmbeddedKbs.builder().resource(KEY, SECRET));
        KbsClient client = open(builder(kbs).build());
        assertThatThrownBy(() -> client.fetch(ResourceUri.of(KEY), 32)).isInstanceOf(DeniedByPolicyException.class);
        assertThat(kbs.audit().getLast().reason()).contains("CONTRAINDICATED");
        kbs.setResourcePolicy(ResourcePolicy.ALLOW);
        assertThat(client.fetch(ResourceUri.of(KEY), 32)).isEqualTo(SECRET);
        assertThat(client.attestations()).isEqualTo(1);
    }

    @Test
    void fetch_deniedUnderAnOldSession_attestsAnewOnce() throws Exception {
        EmbeddedKbs kbs = start(EmbeddedKbs.builder().resource(KEY, SECRET));
        KbsClient client = open(builder(kbs).build());
        assertThatThrownBy(() -> client.fetch(ResourceUri.of(KEY), 32)).isInstanceOf(DeniedByPolicyException.class);
        assertThatThrownBy(() -> client.fetch(ResourceUri.of(KEY), 32)).isInstanceOf(DeniedByPolicyException.class);
        assertThat(client.attestations()).isEqualTo(2);
    }

    @Test
    void fetch_missing_saysSoWithoutANewAttestation() throws Exception {
        EmbeddedKbs kbs =
                start(EmbeddedKbs.builder().withSampleReferenceValues().resource(KEY, SECRET));
        KbsClient client = open(builder(kbs).build());
        client.fetch(ResourceUri.of(KEY), 32);
        assertThatThrownBy(() -> client.fetch(ResourceUri.parse("kbs:///default/key/2"), 32))
                .isInstanceOf(NoSuchResourceException.class)
                .hasMessageContaining("Plugin internal error");
        assertThat(client.attestations()).isEqualTo(1);
    }

    @Test
    void fetch_unknownPlugin_noSuchResource() throws Exception {
        EmbeddedKbs kbs = start(EmbeddedKbs.builder().withSampleReferenceValues());
        KbsClient client = open(builder(kbs).build());
        assertThatThrownBy(() -> client.fetch(ResourceUri.parse("kbs+pkcs11:///a/b/c"), 32))
                .isInstanceOf(NoSuchResourceException.class)
                .hasMessageContaining("PluginNotFound");
    }

    @Test
    void fetch_atAndOverTheLimit_givenAndRefused() throws Exception {
        EmbeddedKbs kbs = start(EmbeddedKbs.builder()
                .withSampleReferenceValues()
                .resource(KEY, SECRET)
                .resource(new ResourcePath("a", "b", "large"), new byte[100_000]));
        KbsClient client = open(builder(kbs).build());
        assertThat(client.fetch(ResourceUri.of(KEY), SECRET.length)).isEqualTo(SECRET);
        assertThatThrownBy(() -> client.fetch(ResourceUri.of(KEY), SECRET.length - 1))
                .isInstanceOf(ResourceTooLargeException.class)
                .hasMessageContaining("limit of 31 bytes");
        assertThatThrownBy(() -> client.fetch(ResourceUri.parse("kbs:///a/b/large"), 1000))
                .isInstanceOf(ResourceTooLargeException.class);
        assertThat(client.fetch(ResourceUri.parse("kbs:///a/b/large"), 100_000)).hasSize(100_000);
    }

    @Test
    void fetch_otherHostInUri_asksTheConfiguredKbs() throws Exception {
        EmbeddedKbs kbs =
                start(EmbeddedKbs.builder().withSampleReferenceValues().resource(KEY, SECRET));
        KbsClient client = open(builder(kbs).build());
        assertThat(client.fetch(ResourceUri.parse("kbs://elsewhere.invalid:1/default/key/1"), 32))
                .isEqualTo(SECRET);
    }

    @Test
    void fetch_sessionNearItsEnd_attestsAnew() throws Exception {
        EmbeddedKbs kbs =
                start(EmbeddedKbs.builder().withSampleReferenceValues().resource(KEY, SECRET));
        KbsClient client = open(builder(kbs).build());
        client.fetch(ResourceUri.of(KEY), 32);
        time.advance(Duration.ofSeconds(269));
        client.fetch(ResourceUri.of(KEY), 32);
        assertThat(client.attestations()).isEqualTo(1);
        time.advance(Duration.ofSeconds(1));
        client.fetch(ResourceUri.of(KEY), 32);
        assertThat(client.attestations()).isEqualTo(2);
    }

    /** The guest's clock stands still, the server's does not: the server's refusal is what tells. */
    @Test
    void fetch_sessionEndedUnseen_attestsAnewOnce() throws Exception {
        EmbeddedKbs kbs =
                start(EmbeddedKbs.builder().withSampleReferenceValues().resource(KEY, SECRET));
        KbsClient client = open(builder(kbs).time(new SettableTime()).build());
        client.fetch(ResourceUri.of(KEY), 32);
        time.advance(Duration.ofMinutes(5));
        assertThat(client.fetch(ResourceUri.of(KEY), 32)).isEqualTo(SECRET);
        assertThat(client.attestations()).isEqualTo(2);
        assertThat(kbs.attestations()).isEqualTo(2);
    }

    @Test
    void fetch_guestsClockFarOff_stillOneAttestation() throws Exception {
        EmbeddedKbs kbs =
                start(EmbeddedKbs.builder().withSampleReferenceValues().resource(KEY, SECRET));
        for (Duration skew : List.of(Duration.ofDays(-4000), Duration.ofDays(4000))) {
            SettableTime skewed = new SettableTime();
            skewed.advance(skew);
            KbsClient client = open(builder(kbs).time(skewed).build());
            client.fetch(ResourceUri.of(KEY), 32);
            client.fetch(ResourceUri.of(KEY), 32);
            assertThat(client.attestations()).isEqualTo(1);
        }
    }

    @Test
    void fetch_tamperedEvidence_refused() throws Exception {
        EmbeddedKbs kbs =
                start(EmbeddedKbs.builder().withSampleReferenceValues().resource(KEY, SECRET));
        Attester tampering = new Attester() {
            @Override
            public Tee tee() {
                return Tee.SAMPLE;
            }

            @Override
            public JsonValue evidence(byte[] reportData) {
                reportData[0] ^= 1;
                return new SampleAttester().evidence(reportData);
            }
        };
        KbsClient client =
                open(KbsClient.builder(kbs.url(), tampering).insecureHttp().build());
        assertThatThrownBy(() -> client.fetch(ResourceUri.of(KEY), 32))
                .isInstanceOf(EvidenceRefusedException.class)
                .hasMessageContaining("RCAR handshake Attest failed");
        assertThat(client.attestations()).isZero();
        assertThat(kbs.attestations()).isZero();
        assertThat(kbs.audit().getLast().reason()).contains("report data");
    }

    @Test
    void fetch_teeNotVerifiedThere_refused() throws Exception {
        EmbeddedKbs kbs = start(EmbeddedKbs.builder());
        Attester tdx = new Attester() {
            @Override
            public Tee tee() {
                return Tee.TDX;
            }

            @Override
            public JsonValue evidence(byte[] reportData) {
                return new SampleAttester().evidence(reportData);
            }
        };
        KbsClient client = open(KbsClient.builder(kbs.url(), tdx).insecureHttp().build());
        assertThatThrownBy(() -> client.fetch(ResourceUri.of(KEY), 32))
                .isInstanceOf(EvidenceRefusedException.class)
                .hasMessageContaining("TEE tdx");
    }

    @Test
    void fetch_kbsGone_unreachable() throws Exception {
        EmbeddedKbs kbs = start(EmbeddedKbs.builder());
        URI url = kbs.url();
        kbs.close();
        KbsClient client = open(KbsClient.builder(url, new SampleAttester())
                .insecureHttp()
                .pause(pause -> {})
                .build());
        assertThatThrownBy(() -> client.fetch(ResourceUri.of(KEY), 32)).isInstanceOf(KbsUnreachableException.class);
    }

    @Test
    void build_plainHttpNotNamed_refused() throws Exception {
        EmbeddedKbs kbs = start(EmbeddedKbs.builder());
        assertThatThrownBy(
                        () -> KbsClient.builder(kbs.url(), new SampleAttester()).build())
                .isInstanceOf(KbsConfigurationException.class)
                .hasMessageContaining("plain HTTP is refused");
    }

    @Test
    void fetch_pinnedTls_givesResource(@TempDir Path folder) throws Exception {
        TestCertificates own = TestCertificates.make(folder, "own", "ip:127.0.0.1");
        TestCertificates foreign = TestCertificates.make(folder, "foreign", "ip:127.0.0.1");
        EmbeddedKbs kbs = start(EmbeddedKbs.builder()
                .tls(own.certificatePem(), own.keyPem())
                .withSampleReferenceValues()
                .resource(KEY, SECRET));
        assertThat(kbs.url().getScheme()).isEqualTo("https");

        KbsClient pinned = open(KbsClient.builder(kbs.url(), new SampleAttester())
                .pinnedRoots(own.certificatePem())
                .time(time)
                .build());
        assertThat(pinned.fetch(ResourceUri.of(KEY), 32)).isEqualTo(SECRET);
        assertThat(pinned.channel()).isEqualTo(KbsChannel.PINNED_TLS);
        assertThat(new KbsResourceSource(pinned).channel().pinned()).isTrue();

        KbsClient toForeign = open(KbsClient.builder(kbs.url(), new SampleAttester())
                .pinnedRoots(foreign.certificatePem())
                .build());
        assertThatThrownBy(() -> toForeign.fetch(ResourceUri.of(KEY), 32))
                .isInstanceOf(KbsUnreachableException.class)
                .hasMessageContaining("TLS");

        KbsClient system =
                open(KbsClient.builder(kbs.url(), new SampleAttester()).build());
        assertThat(system.channel().pinned()).isFalse();
        assertThatThrownBy(() -> system.fetch(ResourceUri.of(KEY), 32))
                .isInstanceOf(KbsUnreachableException.class)
                .hasMessageContaining("TLS");
        assertThat(kbs.attestations()).isEqualTo(1);
    }

    @Test
    void fetch_certificateOfAnotherHost_refused(@TempDir Path folder) throws Exception {
        TestCertificates other = TestCertificates.make(folder, "other", "dns:elsewhere.invalid");
        EmbeddedKbs kbs = start(EmbeddedKbs.builder().tls(other.certificatePem(), other.keyPem()));
        KbsClient client = open(KbsClient.builder(kbs.url(), new SampleAttester())
                .pinnedRoots(other.certificatePem())
                .build());
        assertThatThrownBy(() -> client.fetch(ResourceUri.of(KEY), 32))
                .isInstanceOf(KbsUnreachableException.class)
                .hasMessageContaining("not verified");
    }

    @Test
    void resourceSource_failures_haveTheirReason() throws Exception {
        EmbeddedKbs kbs =
                start(EmbeddedKbs.builder().withSampleReferenceValues().resource(KEY, SECRET));
        KbsResourceSource source = new KbsResourceSource(open(builder(kbs).build()));
        assertThat(source.fetch(URI.create("kbs:///default/key/1"), 32)).isEqualTo(SECRET);
        assertThat(source.fetch(URI.create("kbs:///default/key/1"), Integer.MAX_VALUE))
                .isEqualTo(SECRET);
        assertReason(source, "kbs:///default/key/2", ResourceException.Reason.NOT_FOUND);
        assertReason(source, "file:///etc/passwd", ResourceException.Reason.REFUSED);
        kbs.setResourcePolicy(ResourcePolicy.DENY);
        assertReason(source, "kbs:///default/key/1", ResourceException.Reason.DENIED);
        kbs.close();
        assertReason(source, "kbs:///default/key/1", ResourceException.Reason.UNAVAILABLE);
    }

    @Test
    void fetch_closedClient_throws() throws Exception {
        EmbeddedKbs kbs = start(EmbeddedKbs.builder());
        KbsClient client = builder(kbs).build();
        client.close();
        assertThatThrownBy(() -> client.fetch(ResourceUri.of(KEY), 32)).isInstanceOf(KbsUnreachableException.class);
    }

    private static void assertReason(KbsResourceSource source, String uri, ResourceException.Reason reason) {
        assertThatThrownBy(() -> source.fetch(URI.create(uri), 31))
                .isInstanceOfSatisfying(
                        ResourceException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }

    private EmbeddedKbs start(EmbeddedKbs.Builder builder) throws Exception {
        return open(builder.time(time).start());
    }

    private KbsClient.Builder builder(EmbeddedKbs kbs) {
        return KbsClient.builder(kbs.url(), new SampleAttester())
                .insecureHttp()
                .time(time)
                .pause(pause -> {});
    }

    private <T extends AutoCloseable> T open(T closeable) {
        open.add(closeable);
        return closeable;
    }
}
