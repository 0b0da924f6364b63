package dev.bulla.kbs.evidence.snp;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.attestation.protocol.Tee;
import dev.bulla.attestation.protocol.snp.SnpEvidence;
import dev.bulla.attestation.protocol.snp.SnpPolicy;
import dev.bulla.attestation.protocol.snp.SnpReport;
import dev.bulla.kbs.evidence.EvidenceBinding;
import dev.bulla.kbs.evidence.EvidenceException;
import dev.bulla.kbs.evidence.VerifiedEvidence;
import dev.bulla.kbs.evidence.Verifier;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * Verifies the evidence of an SNP guest ({@link SnpEvidence}): the report by {@link SnpReportVerifier}, then that its REPORT_DATA is
 * the report data filled with zeros and, where initdata was sent, its HOST_DATA the initdata's digest cut or filled to 32 bytes.
 */
public final class SnpVerifier implements Verifier {
    private static final int REPORT_DATA_SIZE = 64;
    private static final int HOST_DATA_SIZE = 32;

    private final SnpReportVerifier reports;

    /** A verifier that has its reports verified by {@code reports}. */
    public SnpVerifier(SnpReportVerifier reports) {
        this.reports = requireNonNull(reports, "reports is null");
    }

    /** A verifier that trusts AMD, for evidence that brings its certificate. */
    public static SnpVerifier ofAmd(InstantSource clock) {
        return new SnpVerifier(new SnpReportVerifier(AmdRoots.pinned(), List.of(), clock));
    }

    @Override
    public Tee tee() {
        return Tee.SNP;
    }

    @Override
    public VerifiedEvidence verify(JsonValue evidence, EvidenceBinding binding) throws EvidenceException {
        SnpEvidence parsed;
        try {
            parsed = SnpEvidence.parse(new JsonCursor(evidence, "$.tee-evidence.primary_evidence"));
        } catch (KbsProtocolException e) {
            throw new EvidenceException(e.getMessage(), e);
        }
        SnpReport report =
                reports.verify(parsed.report(), parsed.certificates()).report();
        if (!MessageDigest.isEqual(Arrays.copyOf(binding.reportData(), REPORT_DATA_SIZE), report.reportData())) {
            throw new EvidenceException("SNP report: the report data is not that of this nonce and key");
        }
        if (binding.initDataDigest().isPresent()) {
            byte[] expected = Arrays.copyOf(binding.initDataDigest().get(), HOST_DATA_SIZE);
            if (!MessageDigest.isEqual(expected, report.hostData())) {
                throw new EvidenceException("SNP report: the host data is not the initdata's digest");
            }
        }
        HexFormat hex = HexFormat.of();
        return new VerifiedEvidence(
                VerifiedEvidence.CPU,
                hex.formatHex(report.reportData()),
                Optional.of(hex.formatHex(report.hostData())),
                claims(report));
    }

    private static JsonObject claims(SnpReport report) {
        SnpPolicy policy = report.policy();
        HexFormat hex = HexFormat.of();
        return JsonObject.builder()
                .put("policy_abi_major", policy.abiMajor())
                .put("policy_abi_minor", policy.abiMinor())
                .put("policy_smt_allowed", policy.smtAllowed())
                .put("policy_migrate_ma", policy.migrationAgentAllowed())
                .put("policy_debug_allowed", policy.debugAllowed())
                .put("policy_single_socket", policy.singleSocketRequired())
                .put("reported_tcb_bootloader", report.reportedTcb().bootloader())
                .put("reported_tcb_tee", report.reportedTcb().tee())
                .put("reported_tcb_snp", report.reportedTcb().snp())
                .put("reported_tcb_microcode", report.reportedTcb().microcode())
                .put("platform_tsme_enabled", report.platformInfo().tsmeEnabled())
                .put("platform_smt_enabled", report.platformInfo().smtEnabled())
                .put("measurement", hex.formatHex(report.measurement()))
                .put("chip_id", hex.formatHex(report.chipId()))
                .build();
    }
}
