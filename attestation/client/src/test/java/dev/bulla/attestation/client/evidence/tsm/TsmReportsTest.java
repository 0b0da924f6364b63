package dev.bulla.attestation.client.evidence.tsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.client.EvidenceUnavailableException;
import dev.bulla.linux.LinuxException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class TsmReportsTest {
    private final FakeTsm tsm = new FakeTsm();
    private final TsmReports reports = new TsmReports(tsm, new SecureRandom());
    private final byte[] inblob = blob(64);

    private static byte[] blob(int length) {
        byte[] blob = new byte[length];
        Arrays.fill(blob, (byte) 0x33);
        return blob;
    }

    private void refuses(String... words) {
        assertThatThrownBy(() -> reports.make(TsmProvider.TDX, inblob))
                .isInstanceOf(EvidenceUnavailableException.class)
                .message()
                .contains(words)
                .doesNotContain("\n");
        assertThat(tsm.left()).isEmpty();
    }

    @Test
    void make_kernelThatAnswers_isItsReportAndLeavesNothing() throws Exception {
        tsm.report = in -> ("report of " + in.length).getBytes(StandardCharsets.US_ASCII);
        tsm.aux = new byte[] {5};
        TsmReports.Report report = reports.make(TsmProvider.TDX, inblob);
        assertThat(report.out()).asString(StandardCharsets.US_ASCII).isEqualTo("report of 64");
        assertThat(report.aux()).containsExactly(5);
        assertThat(tsm.left()).isEmpty();
        assertThat(tsm.created()).hasSize(1).first().asString().matches("bulla-[0-9a-f]{16}");
    }

    @Test
    void make_twice_takesAnEntryEach() throws Exception {
        reports.make(TsmProvider.TDX, inblob);
        reports.make(TsmProvider.TDX, inblob);
        assertThat(tsm.created()).hasSize(2).doesNotHaveDuplicates();
    }

    @Test
    void make_kernelWithoutAuxblob_hasNone() throws Exception {
        tsm.aux = null;
        assertThat(reports.make(TsmProvider.TDX, inblob).aux()).isEmpty();
    }

    @Test
    void make_lengthsAroundTheLimits_areTakenUpToThem() throws Exception {
        for (int length : List.of(1, 64)) {
            assertThat(reports.make(TsmProvider.TDX, blob(length)).out()).hasSize(length);
        }
        for (int length : List.of(0, 65)) {
            assertThatIllegalArgumentException().isThrownBy(() -> reports.make(TsmProvider.TDX, blob(length)));
        }
        tsm.report = in -> new byte[TsmReports.MAX_OUTBLOB];
        assertThat(reports.make(TsmProvider.TDX, inblob).out()).hasSize(TsmReports.MAX_OUTBLOB);
        tsm.report = in -> new byte[TsmReports.MAX_OUTBLOB + 1];
        refuses("EFBIG");
    }

    @Test
    void make_otherProvider_isRefused() {
        tsm.provider = "sev_guest";
        refuses("provider \"sev_guest\"", "expected \"tdx_guest\"");
    }

    @Test
    void make_nobodyProvides_isRefused() {
        tsm.provider = null;
        refuses("tdx_guest", "ENXIO");
    }

    @Test
    void make_privilegeLevels_areAskedForAtTheFloor() throws Exception {
        tsm.provider = TsmProvider.SEV.kernelName();
        tsm.floor = 2;
        String[] level = {""};
        tsm.beforeRead = (entry, attribute) -> {
            if (attribute == TsmAttribute.OUTBLOB) {
                level[0] = tsm.level(entry);
            }
        };
        assertThat(reports.make(TsmProvider.SEV, inblob).out()).isEqualTo(inblob);
        assertThat(level[0]).isEqualTo("2");
    }

    @Test
    void make_floorBeyondTheLevels_isRefused() {
        tsm.provider = TsmProvider.SEV.kernelName();
        tsm.floor = 4;
        assertThatThrownBy(() -> reports.make(TsmProvider.SEV, inblob))
                .isInstanceOf(EvidenceUnavailableException.class)
                .hasMessageContaining("privlevel_floor \"4\", expected 0 to 3");
        assertThat(tsm.left()).isEmpty();
    }

    @Test
    void make_someoneWroteBeforeUs_isRefused() {
        meddleOnce(TsmAttribute.PROVIDER);
        refuses("generation \"1\", expected 0");
    }

    @Test
    void make_someoneWritesBeforeTheReportIsRead_isRefused() {
        meddleOnce(TsmAttribute.OUTBLOB);
        refuses("generation \"2\", expected 1");
    }

    @Test
    void make_someoneWritesBeforeTheAuxiliaryBlobIsRead_isRefused() {
        meddleOnce(TsmAttribute.AUXBLOB);
        refuses("generation \"2\", expected 1");
    }

    @Test
    void make_blobThatWasSilentlyNotTaken_isRefused() {
        AtomicBoolean done = new AtomicBoolean();
        tsm.beforeRead = (entry, attribute) -> {
            if (attribute == TsmAttribute.OUTBLOB && !done.getAndSet(true)) {
                // Somebody's writes exhaust the generations; ours was lost, or theirs are: either way it is not our
                // report.
                for (int i = 0; i < 8; i++) {
                    write(entry);
                }
            }
        };
        refuses("generation", "expected 1");
    }

    private void meddleOnce(TsmAttribute before) {
        AtomicBoolean done = new AtomicBoolean();
        tsm.beforeRead = (entry, attribute) -> {
            if (attribute == before && !done.getAndSet(true)) {
                write(entry);
            }
        };
    }

    private void write(String entry) {
        try {
            tsm.write(entry, TsmAttribute.INBLOB, blob(64));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void make_reportInTheMaking_isReadAgainAndThenRefused() throws Exception {
        tsm.busyReads = TsmReports.MAX_READS - 1;
        assertThat(reports.make(TsmProvider.TDX, inblob).out()).isEqualTo(inblob);
        tsm.busyReads = TsmReports.MAX_READS;
        refuses("EAGAIN");
    }

    @Test
    void make_emptyReport_isRefused() {
        tsm.report = in -> new byte[0];
        refuses("empty");
    }

    @Test
    void make_namesThatAreTaken_areTriedUpToALimit() throws Exception {
        tsm.takenNames = TsmReports.MAX_NAMES - 1;
        reports.make(TsmProvider.TDX, inblob);
        assertThat(tsm.created()).hasSize(TsmReports.MAX_NAMES);
        tsm.takenNames = TsmReports.MAX_NAMES;
        refuses("tdx_guest");
    }

    @Test
    void make_entryThatCannotBeRemoved_isSaid() {
        tsm.stuck = true;
        assertThatThrownBy(() -> reports.make(TsmProvider.TDX, inblob))
                .isInstanceOf(EvidenceUnavailableException.class)
                .hasMessageContaining("rmdir");
        tsm.provider = "other";
        assertThatThrownBy(() -> reports.make(TsmProvider.TDX, inblob))
                .isInstanceOf(EvidenceUnavailableException.class)
                .hasMessageContaining("provider \"other\"")
                .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
    }

    @Test
    void provider_anyOne_isNamedAndLeavesNothing() throws Exception {
        tsm.provider = "arm_cca_guest";
        assertThat(reports.provider()).isEqualTo("arm_cca_guest");
        assertThat(tsm.left()).isEmpty();
        tsm.provider = null;
        assertThatThrownBy(reports::provider).isInstanceOf(LinuxException.class);
    }
}
