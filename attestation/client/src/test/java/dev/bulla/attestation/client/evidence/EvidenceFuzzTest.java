package dev.bulla.attestation.client.evidence;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.attestation.client.EvidenceUnavailableException;
import dev.bulla.attestation.client.evidence.azure.HclReport;
import java.util.Arrays;

/** Whatever the host or the firmware gives, it is read or refused by an exception of this room. */
class EvidenceFuzzTest {
    @FuzzTest
    void eventLog(byte[] input) throws EvidenceUnavailableException {
        byte[] trimmed;
        try {
            trimmed = CcEventLog.trim(input);
        } catch (EvidenceUnavailableException e) {
            return; // refused
        }
        if (!Arrays.equals(trimmed, CcEventLog.trim(trimmed))) {
            throw new IllegalStateException("what was trimmed is trimmed again");
        }
    }

    @FuzzTest
    void certificateTable(byte[] input) {
        try {
            SnpCertificateTable.parse(input);
        } catch (EvidenceUnavailableException e) {
            // refused
        }
    }

    @FuzzTest
    void quote(byte[] input) {
        try {
            TdQuote.mrConfigId(input);
        } catch (EvidenceUnavailableException e) {
            // refused
        }
    }

    @FuzzTest
    void paravisorReport(byte[] input) {
        try {
            HclReport.parse(input);
        } catch (EvidenceUnavailableException e) {
            // refused
        }
    }
}
