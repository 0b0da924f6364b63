package dev.bulla.attestation.client.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.client.EvidenceUnavailableException;
import dev.bulla.attestation.client.InitDataMismatchException;
import dev.bulla.attestation.client.evidence.tsm.FakeTsm;
import dev.bulla.attestation.client.evidence.tsm.TsmProvider;
import dev.bulla.attestation.client.evidence.tsm.TsmReports;
import dev.bulla.attestation.protocol.HashAlgorithm;
import dev.bulla.attestation.protocol.InitDataDocument;
import dev.bulla.attestation.protocol.snp.SnpCertificate;
import dev.bulla.attestation.protocol.snp.SnpEvidence;
import dev.bulla.attestation.protocol.snp.SnpReport;
import dev.bulla.linux.Errno;
import dev.bulla.linux.LinuxException;
import dev.bulla.linux.SevGuest;
import dev.bulla.oci.json.JsonCursor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SnpAttesterTest {
    private static final byte[] REPORT_DATA = HashAlgorithm.SHA384.digest(new byte[] {1});
    private static final int HOST_DATA = 0xC0;

    private final FakeTsm tsm = new FakeTsm();
    private final byte[] hostData = new byte[32];

    /** A report of version 2 with nothing but what these tests look at. */
    private byte[] report(byte[] userData) {
        ByteBuffer report = ByteBuffer.allocate(SnpReport.SIZE).order(ByteOrder.LITTLE_ENDIAN);
        report.putInt(0, 2).putInt(0x34, 1).putLong(8, 1 << 17);
        report.put(0x50, userData).put(HOST_DATA, hostData);
        return report.array();
    }

    /** A table of these certificates, one after the other behind the entries. */
    private static byte[] table(List<SnpCertificate> certificates) {
        int data = (certificates.size() + 1) * 24;
        int length = data;
        for (SnpCertificate certificate : certificates) {
            length += certificate.data().length;
        }
        ByteBuffer table = ByteBuffer.allocate(length);
        for (SnpCertificate certificate : certificates) {
            table.putLong(certificate.guid().getMostSignificantBits())
                    .putLong(certificate.guid().getLeastSignificantBits());
            table.order(ByteOrder.LITTLE_ENDIAN).putInt(data).putInt(certificate.data().length);
            table.order(ByteOrder.BIG_ENDIAN).put(data, certificate.data());
            data += certificate.data().length;
        }
        return table.array();
    }

    private SnpAttester byConfigfs() {
        tsm.provider = TsmProvider.SEV.kernelName();
        tsm.report = this::report;
        return new SnpAttester(new SnpReportSource.Tsm(new TsmReports(tsm, new SecureRandom())));
    }

    @Test
    void evidence_byConfigfs_hasReportAndCertificates() throws Exception {
        SnpAttester attester = byConfigfs();
        UUID other = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
        tsm.aux = table(List.of(
                new SnpCertificate(SnpCertificate.VCEK, new byte[] {1, 2, 3}),
                new SnpCertificate(other, new byte[] {4})));
        SnpEvidence evidence = SnpEvidence.parse(new JsonCursor(attester.evidence(REPORT_DATA), "$"));
        assertThat(evidence.report().bytes()).isEqualTo(report(Arrays.copyOf(REPORT_DATA, 64)));
        assertThat(evidence.certificates())
                .extracting(SnpCertificate::guid)
                .containsExactly(SnpCertificate.VCEK, other);
        assertThat(evidence.certificates().getFirst().data()).containsExactly(1, 2, 3);
    }

    @Test
    void evidence_hostWithoutCertificates_hasNone() throws Exception {
        SnpEvidence evidence = SnpEvidence.parse(new JsonCursor(byConfigfs().evidence(REPORT_DATA), "$"));
        assertThat(evidence.certificates()).isEmpty();
    }

    @Test
    void evidence_reportOfOtherUserData_isRefused() {
        SnpAttester attester = byConfigfs();
        tsm.report = in -> report(new byte[64]);
        assertThatThrownBy(() -> attester.evidence(REPORT_DATA))
                .isInstanceOf(EvidenceUnavailableException.class)
                .hasMessageContaining("does not carry the report data");
    }

    @Test
    void evidence_reportThatIsNone_isRefused() {
        SnpAttester attester = byConfigfs();
        tsm.report = in -> new byte[SnpReport.SIZE - 1];
        assertThatThrownBy(() -> attester.evidence(REPORT_DATA))
                .isInstanceOf(EvidenceUnavailableException.class)
                .hasMessageContaining("snp");
    }

    @Test
    void checkInitData_hostData_decides() throws Exception {
        SnpAttester attester = byConfigfs();
        InitDataDocument initData = InitDatas.of("sha384");
        System.arraycopy(initData.digest(32), 0, hostData, 0, 32);
        assertThat(attester.checkInitData(initData)).isEqualTo(InitDataBinding.BOUND);
        hostData[0] ^= 1;
        assertThatThrownBy(() -> attester.checkInitData(initData))
                .isInstanceOf(InitDataMismatchException.class)
                .hasMessageContaining("HOST_DATA");
    }

    /** SNP's own device as it answers. */
    private final class FakeGuest implements SevGuest {
        private final List<String> calls = new ArrayList<>();
        private boolean certificates = true;
        private boolean reports = true;

        @Override
        public Signed report(byte[] userData, int vmpl) throws LinuxException {
            calls.add("report " + vmpl);
            if (!reports) {
                throw new LinuxException("ioctl SNP_GET_REPORT", "/dev/sev-guest", Errno.EIO.number());
            }
            return new Signed(SnpAttesterTest.this.report(userData), new byte[0]);
        }

        @Override
        public Signed extendedReport(byte[] userData, int vmpl) throws LinuxException {
            calls.add("extended " + vmpl);
            if (!certificates) {
                throw new LinuxException("ioctl SNP_GET_EXT_REPORT", "/dev/sev-guest", Errno.ENOSPC.number());
            }
            byte[] table = table(List.of(new SnpCertificate(SnpCertificate.ARK, new byte[] {8})));
            return new Signed(SnpAttesterTest.this.report(userData), Arrays.copyOf(table, SevGuest.MAX_CERTIFICATES));
        }
    }

    @Test
    void evidence_byDevice_hasReportAndCertificates() throws Exception {
        FakeGuest guest = new FakeGuest();
        SnpAttester attester = new SnpAttester(new SnpReportSource.Device(guest));
        SnpEvidence evidence = SnpEvidence.parse(new JsonCursor(attester.evidence(REPORT_DATA), "$"));
        assertThat(evidence.certificates()).hasSize(1);
        assertThat(guest.calls).containsExactly("extended 0");
    }

    @Test
    void evidence_deviceWithoutCertificates_hasTheReportAlone() throws Exception {
        FakeGuest guest = new FakeGuest();
        guest.certificates = false;
        SnpAttester attester = new SnpAttester(new SnpReportSource.Device(guest));
        SnpEvidence evidence = SnpEvidence.parse(new JsonCursor(attester.evidence(REPORT_DATA), "$"));
        assertThat(evidence.certificates()).isEmpty();
        assertThat(guest.calls).containsExactly("extended 0", "report 0");
    }

    @Test
    void evidence_deviceThatRefuses_isRefusedWithBothReasons() {
        FakeGuest guest = new FakeGuest();
        guest.certificates = false;
        guest.reports = false;
        assertThatThrownBy(() -> new SnpAttester(new SnpReportSource.Device(guest)).evidence(REPORT_DATA))
                .isInstanceOf(EvidenceUnavailableException.class)
                .hasMessageContaining("SNP_GET_REPORT")
                .hasMessageContaining("EIO")
                .satisfies(e -> assertThat(e.getCause())
                        .isNotNull()
                        .satisfies(cause -> assertThat(cause.getSuppressed()).hasSize(1)));
    }

    @Test
    void table_boundsThatLie_areRefused() throws Exception {
        byte[] good = table(List.of(new SnpCertificate(SnpCertificate.ASK, new byte[10])));
        assertThat(SnpCertificateTable.parse(good)).hasSize(1);
        assertThat(SnpCertificateTable.parse(new byte[0])).isEmpty();
        assertThat(SnpCertificateTable.parse(new byte[24])).isEmpty();
        refusesTable(new byte[23], "no end");
        refusesTable(Arrays.copyOf(good, 47), "no end", "10 bytes at 48");
        refusesTable(Arrays.copyOf(good, good.length - 1), "10 bytes at 48 of 57");
        byte[] empty = good.clone();
        empty[20] = 0;
        refusesTable(empty, "0 bytes at 48");
        byte[] huge = good.clone();
        Arrays.fill(huge, 16, 24, (byte) 0xFF);
        refusesTable(huge, "4294967295 bytes at 4294967295");
    }

    @Test
    void table_entriesAroundTheLimit_areTakenUpToIt() throws Exception {
        List<SnpCertificate> many = new ArrayList<>();
        for (int i = 0; i < SnpEvidence.MAX_CERTIFICATES; i++) {
            many.add(new SnpCertificate(SnpCertificate.CRL, new byte[] {1}));
        }
        assertThat(SnpCertificateTable.parse(table(many))).hasSize(SnpEvidence.MAX_CERTIFICATES);
        many.add(many.getFirst());
        refusesTable(table(many), "more than 16 entries");
    }

    private static void refusesTable(byte[] table, String... anyOf) {
        assertThatThrownBy(() -> SnpCertificateTable.parse(table))
                .isInstanceOf(EvidenceUnavailableException.class)
                .hasMessageContaining("certificate table")
                .satisfies(e -> assertThat(anyOf)
                        .anyMatch(words -> String.valueOf(e.getMessage()).contains(words)));
    }
}
