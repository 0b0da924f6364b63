package dev.bulla.attestation.client.evidence;

import dev.bulla.attestation.client.EvidenceUnavailableException;
import dev.bulla.attestation.client.evidence.azure.HclReport;
import dev.bulla.attestation.client.evidence.tpm.Tpm;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/** Where the vTPM of an Azure confidential VM keeps things. */
final class AzureVtpm {
    /** The attestation key, which the paravisor's report names. */
    static final int KEY = 0x81000003;

    /** The paravisor's report; read as the owner. */
    static final int REPORT = 0x01400001;

    /** What the next report has to carry; written as the owner. */
    static final int USER_DATA = 0x01400002;

    /** How often the report is read until it carries what was asked for. */
    static final int MAX_READS = 20;

    /** Between two such reads: the paravisor takes up to three seconds. */
    static final Duration PAUSE = Duration.ofMillis(500);

    private AzureVtpm() {}

    /** Waits, however that is done. */
    interface Pause {
        void of(Duration duration) throws InterruptedException;
    }

    /** The report as it stands, if this TPM has one. */
    static Optional<HclReport> report(Tpm tpm) throws EvidenceUnavailableException {
        Optional<byte[]> bytes = tpm.nvRead(REPORT);
        return bytes.isEmpty() ? Optional.empty() : Optional.of(HclReport.parse(bytes.get()));
    }

    /** A report that carries this user data. */
    static HclReport report(Tpm tpm, byte[] userData, Pause pause) throws EvidenceUnavailableException {
        tpm.nvWrite(USER_DATA, userData);
        for (int attempt = 1; attempt <= MAX_READS; attempt++) {
            HclReport report = report(tpm)
                    .orElseThrow(() -> new EvidenceUnavailableException(
                            "tpm: no HCL report at NV index 0x01400001: this is not Azure"));
            if (startsWith(report.userData(), userData)) {
                return report;
            }
            try {
                pause.of(PAUSE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new EvidenceUnavailableException("HCL report: interrupted while waiting for a fresh one", e);
            }
        }
        throw new EvidenceUnavailableException(
                "HCL report: it still does not carry our report data after " + MAX_READS + " reads");
    }

    private static boolean startsWith(byte[] field, byte[] value) {
        return field.length >= value.length && Arrays.equals(field, 0, value.length, value, 0, value.length);
    }
}
