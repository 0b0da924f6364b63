package dev.bulla.kbs.evidence.tpm;

import dev.bulla.kbs.evidence.EvidenceBinding;
import dev.bulla.kbs.evidence.EvidenceException;

/** What the evidence of all Azure guests has in common, whatever their hardware is. */
public final class VtpmVerifier {
    /**
     * The one version of evidence that is accepted. Guests that send older ones get their hardware's report without the nonce in
     * it; whoever could choose such a version could leave the nonce out.
     */
    public static final int EVIDENCE_VERSION = 2;

    private VtpmVerifier() {}

    /**
     * Verifies the way from the hardware to the quote: the hardware's report vouches for the paravisor's variable data; its
     * attestation key signed the quote, which is for this challenge; the variable data's user data are this challenge's too; and
     * the register of initdata is extended by its digest, where initdata was sent.
     *
     * @param report the paravisor's report
     * @param verifiedReportData the report data of the hardware's report inside, which the caller has verified
     * @param quote the quote
     * @param binding the challenge
     */
    public static VerifiedTpmQuote verify(
            HclReport report, byte[] verifiedReportData, TpmQuote quote, EvidenceBinding binding)
            throws EvidenceException {
        report.checkVariableData(verifiedReportData);
        VerifiedTpmQuote verified = quote.verify(report.attestationKey(), binding.reportData());
        report.checkUserData(binding.reportData());
        verified.checkInitData(binding.initDataDigest());
        return verified;
    }
}
