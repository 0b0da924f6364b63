package dev.bulla.kbs.evidence.tpm;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.attestation.protocol.Tee;
import dev.bulla.attestation.protocol.snp.SnpCertificate;
import dev.bulla.attestation.protocol.snp.SnpPolicy;
import dev.bulla.attestation.protocol.snp.SnpReport;
import dev.bulla.kbs.evidence.EvidenceBase64;
import dev.bulla.kbs.evidence.EvidenceBinding;
import dev.bulla.kbs.evidence.EvidenceException;
import dev.bulla.kbs.evidence.VerifiedEvidence;
import dev.bulla.kbs.evidence.Verifier;
import dev.bulla.kbs.evidence.snp.SnpReportVerifier;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Verifies the evidence of an Azure guest on SNP: {@code {"version":2,"tpm_quote":{…},"hcl_report","vcek"}}, the last two in URL-safe
 * base64. The SNP report inside is verified by {@link SnpReportVerifier}, the way from it to the quote by {@link VtpmVerifier}.
 *
 * <p>Claims are Trustee's: those of SNP as text, the measurement in base64, and the registers under {@code tpm}.
 */
public final class AzSnpVtpmVerifier implements Verifier {
    private final SnpReportVerifier reports;

    /** A verifier that has its hardware's reports verified by {@code reports}. */
    public AzSnpVtpmVerifier(SnpReportVerifier reports) {
        this.reports = requireNonNull(reports, "reports is null");
    }

    @Override
    public Tee tee() {
        return Tee.AZ_SNP_VTPM;
    }

    @Override
    public VerifiedEvidence verify(JsonValue evidence, EvidenceBinding binding) throws EvidenceException {
        try {
            JsonCursor.Members members = new JsonCursor(evidence, "$.tee-evidence.primary_evidence").object();
            members.allowOnly("version", "tpm_quote", "hcl_report", "vcek");
            members.required("version").integer(VtpmVerifier.EVIDENCE_VERSION, VtpmVerifier.EVIDENCE_VERSION);
            HclReport hcl = HclReport.parse(EvidenceBase64.urlSafe(members.required("hcl_report"), HclReport.MAX_SIZE));
            TpmQuote quote = TpmQuote.parseAzure(members.required("tpm_quote"));
            byte[] vcek = EvidenceBase64.urlSafe(members.required("vcek"), SnpCertificate.MAX_SIZE);
            if (hcl.hardware() != HclReport.Hardware.SNP) {
                throw new EvidenceException("HCL report: a report of " + hcl.hardware() + ", expected SNP");
            }
            SnpReport report = reports.verify(
                            SnpReport.parse(hcl.hardwareReport()),
                            List.of(new SnpCertificate(SnpCertificate.VCEK, vcek)))
                    .report();
            VerifiedTpmQuote verified = VtpmVerifier.verify(hcl, report.reportData(), quote, binding);
            return new VerifiedEvidence(
                    VerifiedEvidence.CPU,
                    verified.reportData(),
                    Optional.of(verified.initData()),
                    claims(report, verified));
        } catch (KbsProtocolException | JsonException e) {
            throw new EvidenceException("Azure SNP evidence: " + e.getMessage(), e);
        }
    }

    private static JsonObject claims(SnpReport report, VerifiedTpmQuote quote) {
        SnpPolicy policy = report.policy();
        return JsonObject.builder()
                .put("policy_abi_major", Integer.toString(policy.abiMajor()))
                .put("policy_abi_minor", Integer.toString(policy.abiMinor()))
                .put("policy_smt_allowed", Boolean.toString(policy.smtAllowed()))
                .put("policy_migrate_ma", Boolean.toString(policy.migrationAgentAllowed()))
                .put("policy_debug_allowed", Boolean.toString(policy.debugAllowed()))
                .put("policy_single_socket", Boolean.toString(policy.singleSocketRequired()))
                .put(
                        "reported_tcb_bootloader",
                        Integer.toString(report.reportedTcb().bootloader()))
                .put("reported_tcb_tee", Integer.toString(report.reportedTcb().tee()))
                .put("reported_tcb_snp", Integer.toString(report.reportedTcb().snp()))
                .put(
                        "reported_tcb_microcode",
                        Integer.toString(report.reportedTcb().microcode()))
                .put(
                        "platform_tsme_enabled",
                        Boolean.toString(report.platformInfo().tsmeEnabled()))
                .put(
                        "platform_smt_enabled",
                        Boolean.toString(report.platformInfo().smtEnabled()))
                .put("measurement", Base64.getEncoder().encodeToString(report.measurement()))
                .put("tpm", quote.registers())
                .build();
    }
}
