package dev.bulla.kbs.evidence.snp;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.attestation.protocol.snp.SnpCertificate;
import dev.bulla.attestation.protocol.snp.SnpReport;
import dev.bulla.kbs.evidence.EvidenceBinding;
import dev.bulla.kbs.evidence.EvidenceException;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.util.Arrays;
import java.util.List;

/** Whatever claims to be SNP evidence, without AMD's signature it is refused, by this room's exception. */
class SnpVerifierFuzzTest {
    private static final AmdRoots ROOTS = AmdRoots.pinned();

    @FuzzTest
    void evidence(byte[] input) {
        try {
            verifier().verify(JsonCursor.parse(input).value(), EvidenceBinding.of(new byte[48]));
        } catch (JsonException | EvidenceException e) {
            return; // refused
        }
        throw new IllegalStateException("verified");
    }

    private static SnpVerifier verifier() {
        return new SnpVerifier(new SnpReportVerifier(ROOTS, List.of(), () -> SyntheticAmd.NOW));
    }

    /** A report's bytes, and after them a certificate's. */
    @FuzzTest
    void reportAndCertificate(byte[] input) {
        if (input.length < SnpReport.SIZE || input.length > SnpReport.SIZE + SnpCertificate.MAX_SIZE) {
            return;
        }
        byte[] certificate = Arrays.copyOfRange(input, SnpReport.SIZE, input.length);
        try {
            SnpReport report = SnpReport.parse(Arrays.copyOf(input, SnpReport.SIZE));
            new SnpReportVerifier(ROOTS, List.of(), () -> SyntheticAmd.NOW)
                    .verify(
                            report,
                            List.of(
                                    new SnpCertificate(SnpCertificate.VCEK, certificate),
                                    new SnpCertificate(SnpCertificate.VLEK, certificate)));
        } catch (KbsProtocolException | EvidenceException e) {
            // refused, or one of AMD's
        }
    }
}
