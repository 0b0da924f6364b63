package dev.bulla.guest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.client.KbsClient;
import dev.bulla.attestation.client.eventlog.AaelEvent;
import dev.bulla.attestation.client.eventlog.EventLog;
import dev.bulla.attestation.client.eventlog.EventLogException;
import dev.bulla.attestation.client.eventlog.MeasurementRegisters;
import dev.bulla.attestation.client.eventlog.RuntimeMeasurement;
import dev.bulla.attestation.client.evidence.Attester;
import dev.bulla.attestation.client.evidence.SampleAttester;
import dev.bulla.attestation.protocol.ResourcePath;
import dev.bulla.attestation.protocol.ResourceUri;
import dev.bulla.attestation.protocol.Tee;
import dev.bulla.kbs.EmbeddedKbs;
import dev.bulla.kbs.evidence.EvidenceBinding;
import dev.bulla.kbs.evidence.EvidenceException;
import dev.bulla.kbs.evidence.SampleVerifier;
import dev.bulla.kbs.evidence.VerifiedEvidence;
import dev.bulla.kbs.evidence.Verifier;
import dev.bulla.kbs.policy.ResourcePolicy;
import dev.bulla.oci.json.JsonValue;
import dev.bulla.oci.json.JsonWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What measures the events of a command line. The TDX guest is a folder whose registers show what was written last. */
class GuestEventLogTest {
    private static final AaelEvent EVENT = new AaelEvent("domain", "operation", "content");

    @TempDir
    Path root;

    private final List<Integer> measured = new ArrayList<>();
    private Path file;

    @BeforeEach
    void begin() {
        file = root.resolve("run/eventlog");
    }

    private Optional<Attester> tee(String name) throws Exception {
        return Optional.of(GuestTee.attesters(root, file).named(name));
    }

    private Path register() throws Exception {
        Path registers = Files.createDirectories(root.resolve("sys/devices/virtual/misc/tdx_guest/measurements"));
        return Files.write(registers.resolve("rtmr3:sha384"), new byte[48]);
    }

    private GuestEventLog log(Optional<Attester> attester) throws Exception {
        return GuestEventLog.of(file, attester, measured::add);
    }

    /** The entry's digest: it stands behind register, type, number of digests and algorithm. */
    private byte[] digest() throws Exception {
        byte[] log = Files.readAllBytes(file);
        byte[] digest = new byte[48];
        System.arraycopy(log, 14, digest, 0, digest.length);
        return digest;
    }

    @Test
    void record_teeWithRegisters_extendsThemAndTellsTheSession() throws Exception {
        Path register = register();
        GuestEventLog log = log(tee("tdx"));
        assertThat(log.record(EVENT, OptionalInt.empty())).isEqualTo(RuntimeMeasurement.Result.OK);
        assertThat(register).hasBinaryContent(digest());
        assertThat(measured).containsExactly(EventLog.DEFAULT_PCR);
        assertThat(log.record(EVENT, OptionalInt.of(16))).isEqualTo(RuntimeMeasurement.Result.OK);
        assertThat(measured).containsExactly(EventLog.DEFAULT_PCR, 16);
        assertThat(log.line()).isEqualTo(file + ", measured in a register of tdx");
        assertThat(JsonWriter.compact(log.json())).endsWith("\"register\":\"tdx\"}");
    }

    @Test
    void record_registerThatFails_isRefusedAndTheSessionIsOldAllTheSame() throws Exception {
        Path register = register();
        GuestEventLog log = log(tee("tdx"));
        Files.delete(register);
        assertThatThrownBy(() -> log.record(EVENT, OptionalInt.empty()))
                .isInstanceOf(EventLogException.class)
                .hasMessageContaining("tdx: ");
        assertThat(measured).containsExactly(EventLog.DEFAULT_PCR);
        assertThat(file).isEmptyFile();
    }

    @Test
    void record_teeWithoutRegistersOrNone_isSimulatedAndConcernsNoSession() throws Exception {
        for (Optional<Attester> attester : List.of(tee("sample"), tee("snp"), Optional.<Attester>empty())) {
            Files.deleteIfExists(file);
            GuestEventLog log = log(attester);
            assertThat(log.record(EVENT, OptionalInt.empty())).isEqualTo(RuntimeMeasurement.Result.OK);
            assertThat(file).isNotEmptyFile();
            assertThat(measured).isEmpty();
            assertThat(log.line()).contains("simulated register: proves nothing");
            assertThat(JsonWriter.compact(log.json())).endsWith("\"register\":\"simulated\"}");
        }
    }

    @Test
    void of_tdxWithoutRegisters_isRefused() throws Exception {
        Optional<Attester> tdx = tee("tdx");
        assertThatThrownBy(() -> log(tdx))
                .isInstanceOfSatisfying(
                        CommandException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.KEYS))
                .hasMessageContaining("no registers of tdx");
    }

    /** A TEE of another kind than the sample: sample evidence under its name, and registers. */
    private record OtherTee(Optional<MeasurementRegisters> registers) implements Attester {
        @Override
        public Tee tee() {
            return Tee.CSV;
        }

        @Override
        public JsonValue evidence(byte[] reportData) {
            return new SampleAttester().evidence(reportData);
        }
    }

    private record OtherVerifier() implements Verifier {
        @Override
        public Tee tee() {
            return Tee.CSV;
        }

        @Override
        public VerifiedEvidence verify(JsonValue evidence, EvidenceBinding binding) throws EvidenceException {
            return new SampleVerifier().verify(evidence, binding);
        }
    }

    @Test
    void record_whileASessionStands_letsItAttestAnewForTheNextFetch() throws Exception {
        assertThat(register()).exists();
        Attester attester = new OtherTee(tee("tdx").orElseThrow().registers());
        ResourceUri uri = ResourceUri.parse("kbs:///default/key/one");
        try (EmbeddedKbs kbs = EmbeddedKbs.builder()
                        .verifier(new OtherVerifier())
                        .resource(ResourcePath.parse("default/key/one"), new byte[] {1})
                        .resourcePolicy(ResourcePolicy.ALLOW)
                        .start();
                KbsAccess access = new KbsAccess(
                        Optional.of(attester),
                        Optional.of(KbsClient.builder(kbs.url(), attester)
                                .insecureHttp()
                                .build()),
                        Optional.empty())) {
            KbsClient client = access.client().orElseThrow();
            client.fetch(uri, 1);
            client.fetch(uri, 1);
            assertThat(kbs.attestations()).isEqualTo(1);
            GuestEventLog.of(file, access.attester(), access.watch()).record(EVENT, OptionalInt.empty());
            client.fetch(uri, 1);
            assertThat(kbs.attestations()).isEqualTo(2);
        }
    }
}
