package dev.bulla.attestation.client.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.client.InitDataMismatchException;
import dev.bulla.attestation.client.eventlog.MeasurementRegisters;
import dev.bulla.attestation.client.evidence.azure.AzureMetadata;
import dev.bulla.attestation.client.evidence.tpm.SwtpmSocket;
import dev.bulla.attestation.client.evidence.tpm.Tpm;
import dev.bulla.attestation.protocol.HashAlgorithm;
import dev.bulla.attestation.protocol.Tee;
import dev.bulla.oci.json.JsonCursor;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Our commands against a TPM that we did not write. */
@Tag("peer")
class SwtpmPeerTest {
    private static final byte[] REPORT_DATA = HashAlgorithm.SHA384.digest(new byte[] {1});

    @TempDir
    Path folder;

    private @Nullable SwtpmSocket started;

    @BeforeEach
    void start() throws Exception {
        started = SwtpmSocket.start(folder);
    }

    @AfterEach
    void stop() throws Exception {
        if (started != null) {
            started.close();
        }
    }

    private SwtpmSocket tpm() {
        SwtpmSocket tpm = started;
        if (tpm == null) {
            throw new AssertionError("swtpm was not started");
        }
        return tpm;
    }

    private TpmAttester attester() {
        return new TpmAttester(tpm(), TpmAttester.DEFAULT_KEY);
    }

    @Test
    void evidence_freshTpm_isQuotedBySameKeyEachTime() throws Exception {
        JsonCursor first = new JsonCursor(attester().evidence(REPORT_DATA), "$");
        JsonCursor second = new JsonCursor(attester().evidence(REPORT_DATA), "$");
        List<String> pcrs = TpmEvidence.verify(first, Arrays.copyOf(REPORT_DATA, 32));
        assertThat(TpmEvidence.verify(second, Arrays.copyOf(REPORT_DATA, 32))).isEqualTo(pcrs);
        assertThat(first.object().required("ak_public").string())
                .isEqualTo(second.object().required("ak_public").string());
    }

    @Test
    void evidence_manyTimes_leavesNoKeyBehind() throws Exception {
        // swtpm has room for three transient objects
        for (int i = 0; i < 5; i++) {
            attester().evidence(new byte[] {(byte) i});
        }
    }

    @Test
    void extend_pcr_changesItAndTheQuote() throws Exception {
        MeasurementRegisters registers = attester().registers().orElseThrow();
        byte[] before = registers.read(16);
        byte[] digest = HashAlgorithm.SHA256.digest(new byte[] {7});
        registers.extend(16, digest);
        byte[] both = Arrays.copyOf(before, 64);
        System.arraycopy(digest, 0, both, 32, 32);
        byte[] after = HashAlgorithm.SHA256.digest(both);
        assertThat(registers.read(16)).isEqualTo(after);
        List<String> pcrs = TpmEvidence.verify(new JsonCursor(attester().evidence(new byte[32]), "$"), new byte[32]);
        assertThat(pcrs.get(16)).isEqualTo(HexFormat.of().formatHex(after));
    }

    @Test
    void checkInitData_twiceAndThenOther_isBoundOnce() throws Exception {
        assertThat(attester().checkInitData(InitDatas.of("sha256"))).isEqualTo(InitDataBinding.BOUND);
        byte[] bound = attester().registers().orElseThrow().read(8);
        assertThat(attester().checkInitData(InitDatas.of("sha256"))).isEqualTo(InitDataBinding.BOUND);
        assertThat(attester().registers().orElseThrow().read(8)).isEqualTo(bound);
        attester().registers().orElseThrow().extend(8, new byte[32]);
        assertThatThrownBy(() -> attester().checkInitData(InitDatas.of("sha256")))
                .isInstanceOf(InitDataMismatchException.class);
    }

    @Test
    void nv_writtenInOneSizeAndAnother_isRead() throws Exception {
        try (Tpm tpm = Tpm.open(tpm())) {
            assertThat(tpm.nvRead(AzureVtpm.USER_DATA)).isEmpty();
            for (int length : new int[] {64, 48, 512}) {
                byte[] data = new byte[length];
                Arrays.fill(data, (byte) length);
                tpm.nvWrite(AzureVtpm.USER_DATA, data);
                assertThat(tpm.nvRead(AzureVtpm.USER_DATA))
                        .hasValueSatisfying(read -> assertThat(read).isEqualTo(data));
            }
        }
    }

    @Test
    void persistentKey_freshTpm_hasNone() throws Exception {
        try (Tpm tpm = Tpm.open(tpm())) {
            assertThat(tpm.persistentKey(TpmAttester.DEFAULT_KEY)).isEmpty();
        }
    }

    @Test
    void azure_thatIsNotAzure_isRefused() {
        AzureMetadata nobody = new AzureMetadata() {
            @Override
            public byte[] vcek() {
                throw new AssertionError("nothing may be asked");
            }

            @Override
            public byte[] tdQuote(byte[] tdReport) {
                throw new AssertionError("nothing may be asked");
            }
        };
        AzureVtpmAttester attester = new AzureVtpmAttester(Tee.AZ_SNP_VTPM, tpm(), nobody, Thread::sleep);
        assertThatThrownBy(() -> attester.evidence(REPORT_DATA)).hasMessageContaining("this is not Azure");
    }
}
