package dev.bulla.guest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.client.EvidenceUnavailableException;
import dev.bulla.attestation.client.InitDataMismatchException;
import dev.bulla.attestation.protocol.HashAlgorithm;
import dev.bulla.attestation.protocol.InitDataDocument;
import dev.bulla.attestation.protocol.Tee;
import dev.bulla.kbs.EmbeddedKbs;
import dev.bulla.kbs.policy.ResourcePolicy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What becomes of the command line's TEE and initdata before a KBS is asked. The TDX guest is a folder. */
class KbsOptionsTest {
    private static final String INIT_DATA =
            "version = \"0.1.0\"\nalgorithm = \"sha256\"\n[data]\n\"aa.toml\" = \"x\"\n";

    @TempDir
    Path root;

    private Path initData;

    @BeforeEach
    void writeInitData() throws Exception {
        initData = Files.writeString(root.resolve("initdata.toml"), INIT_DATA);
    }

    private KbsAccess open(boolean measures, String... args) throws Exception {
        KbsOptions options = new KbsOptions();
        new CommandLine(options).parseArgs(args);
        return options.open(() -> GuestTee.attesters(root, root.resolve("eventlog")), measures);
    }

    private KbsAccess openWithInitData(String url, String tee) throws Exception {
        return open(false, "--kbs", url, "--insecure-kbs-http", "--tee", tee, "--initdata", initData.toString());
    }

    private void start(byte[] mrConfigId) throws Exception {
        Path registers = Files.createDirectories(root.resolve("sys/devices/virtual/misc/tdx_guest/measurements"));
        Files.write(registers.resolve("mrconfigid"), mrConfigId);
    }

    private static void assertRefused(ThrowingCallable call, Class<? extends Exception> kind, String words) {
        assertThatThrownBy(call)
                .isInstanceOf(kind)
                .hasMessageContaining(words)
                .satisfies(e -> assertThat(ExitCode.of(e)).isEqualTo(ExitCode.KEYS));
    }

    @Test
    void open_initDataThatTheTeeMeasured_isAccepted() throws Exception {
        start(InitDataDocument.parse(INIT_DATA.getBytes(StandardCharsets.UTF_8)).digest(48));
        try (KbsAccess access = openWithInitData("http://127.0.0.1:1", "tdx")) {
            assertThat(access.note()).isEmpty();
            assertThat(access.client()).isPresent();
            assertThat(access.attester().orElseThrow().tee()).isEqualTo(Tee.TDX);
        }
    }

    @Test
    void open_otherInitData_isRefusedAndNothingIsSent() throws Exception {
        start(HashAlgorithm.SHA384.digest(new byte[] {1}));
        try (EmbeddedKbs kbs =
                EmbeddedKbs.builder().resourcePolicy(ResourcePolicy.ALLOW).start()) {
            assertRefused(
                    () -> openWithInitData(kbs.url().toString(), "tdx"),
                    InitDataMismatchException.class,
                    "initdata: the TEE measured other initdata");
            assertThat(kbs.attestations()).isZero();
        }
    }

    @Test
    void open_teeThatDoesNotSay_isRefused() {
        assertRefused(
                () -> openWithInitData("http://127.0.0.1:1", "tdx"),
                EvidenceUnavailableException.class,
                "configfs-tsm");
    }

    @Test
    void open_sample_goesOnAndSaysSo() throws Exception {
        try (KbsAccess access = openWithInitData("http://127.0.0.1:1", "sample")) {
            assertThat(access.client()).isPresent();
            assertThat(access.note().orElseThrow()).contains("initdata: sample evidence does not say");
        }
        try (KbsAccess access = open(false, "--kbs", "https://127.0.0.1:1", "--tee", "sample")) {
            assertThat(access.note()).isEmpty();
        }
    }

    @Test
    void open_teeWithoutAKbs_isOfUseForMeasuringOnly() throws Exception {
        try (KbsAccess access = open(true, "--tee", "tdx")) {
            assertThat(access.attester()).isPresent();
            assertThat(access.client()).isEmpty();
        }
        assertThatThrownBy(() -> open(false, "--tee", "tdx"))
                .isInstanceOf(CommandException.class)
                .hasMessageContaining("name it by --kbs URL");
        assertThatThrownBy(() -> open(true, "--tee", "tdx", "--initdata", initData.toString()))
                .isInstanceOf(CommandException.class);
    }
}
