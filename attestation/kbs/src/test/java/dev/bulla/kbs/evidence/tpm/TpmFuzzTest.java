package dev.bulla.kbs.evidence.tpm;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.kbs.evidence.EvidenceBinding;
import dev.bulla.kbs.evidence.EvidenceException;
import dev.bulla.kbs.evidence.snp.AmdRoots;
import dev.bulla.kbs.evidence.snp.SnpReportVerifier;
import dev.bulla.kbs.evidence.snp.SyntheticAmd;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.util.List;

/** Whatever claims to come from a TPM, it is read or refused by this room's exception. */
class TpmFuzzTest {
    private static final AmdRoots ROOTS = AmdRoots.pinned();

    @FuzzTest
    void attest(byte[] input) {
        try {
            TpmAttest.parse(input);
        } catch (EvidenceException e) {
            // refused
        }
    }

    @FuzzTest
    void signature(byte[] input) {
        try {
            TpmSignature.parse(input);
        } catch (EvidenceException e) {
            // refused
        }
    }

    @FuzzTest
    void hclReport(byte[] input) {
        try {
            HclReport report = HclReport.parse(input);
            report.attestationKey();
            report.checkUserData(new byte[48]);
        } catch (EvidenceException e) {
            // refused
        }
    }

    @FuzzTest
    void azureEvidence(byte[] input) {
        try {
            new AzSnpVtpmVerifier(new SnpReportVerifier(ROOTS, List.of(), () -> SyntheticAmd.NOW))
                    .verify(JsonCursor.parse(input).value(), EvidenceBinding.of(new byte[48]));
        } catch (JsonException | EvidenceException e) {
            return; // refused
        }
        throw new IllegalStateException("verified");
    }

    @FuzzTest
    void tpmEvidence(byte[] input) {
        try {
            TpmVerifier.insecureLettingPoliciesTrustKeys()
                    .verify(JsonCursor.parse(input).value(), EvidenceBinding.of(new byte[48]));
        } catch (JsonException | EvidenceException e) {
            // refused, or signed by whoever wrote it
        }
    }
}
