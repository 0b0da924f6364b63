package dev.bulla.kbs.evidence.tdx;

import dev.bulla.attestation.protocol.Tee;
import dev.bulla.kbs.evidence.EvidenceBase64;
import dev.bulla.kbs.evidence.EvidenceBinding;
import dev.bulla.kbs.evidence.EvidenceException;
import dev.bulla.kbs.evidence.VerifiedEvidence;
import dev.bulla.kbs.evidence.Verifier;
import dev.bulla.kbs.evidence.tpm.HclReport;
import dev.bulla.kbs.evidence.tpm.TpmQuote;
import dev.bulla.kbs.evidence.tpm.VerifiedTpmQuote;
import dev.bulla.kbs.evidence.tpm.VtpmVerifier;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Verifies the evidence of an Azure guest on TDX: {@code {"version":2,"tpm_quote":{…},"hcl_report","td_quote"}}, the last two in
 * URL-safe base64. The TD quote is verified by {@link QuoteVerifier}, the way from it to the TPM's quote by {@link VtpmVerifier}.
 *
 * <p>Claims are Trustee's: those of TDX without an event log, and the registers under {@code tpm}.
 */
public final class AzTdxVtpmVerifier implements Verifier {
    private final QuoteVerifier quotes;

    /**
     * A verifier that trusts Intel's SGX root.
     *
     * @param clock the time at which certificates and collateral must be valid
     * @param collateral where Intel's collateral comes from
     */
    public AzTdxVtpmVerifier(InstantSource clock, TdxCollateralSource collateral) {
        this(clock, collateral, IntelRoot.certificate());
    }

    AzTdxVtpmVerifier(InstantSource clock, TdxCollateralSource collateral, X509Certificate root) {
        this.quotes = new QuoteVerifier(clock, collateral, root);
    }

    @Override
    public Tee tee() {
        return Tee.AZ_TDX_VTPM;
    }

    @Override
    public VerifiedEvidence verify(JsonValue evidence, EvidenceBinding binding) throws EvidenceException {
        try {
            JsonCursor.Members members = new JsonCursor(evidence, "$.tee-evidence.primary_evidence").object();
            members.allowOnly("version", "tpm_quote", "hcl_report", "td_quote");
            members.required("version").integer(VtpmVerifier.EVIDENCE_VERSION, VtpmVerifier.EVIDENCE_VERSION);
            HclReport hcl = HclReport.parse(EvidenceBase64.urlSafe(members.required("hcl_report"), HclReport.MAX_SIZE));
            TpmQuote tpmQuote = TpmQuote.parseAzure(members.required("tpm_quote"));
            byte[] tdQuote = EvidenceBase64.urlSafe(members.required("td_quote"), TdxQuote.MAX_BYTES);
            if (hcl.hardware() != HclReport.Hardware.TDX) {
                throw new EvidenceException("HCL report: a report of " + hcl.hardware() + ", expected TDX");
            }
            VerifiedQuote verified = quotes.verify(tdQuote);
            VerifiedTpmQuote registers =
                    VtpmVerifier.verify(hcl, verified.quote().field(TdField.REPORT_DATA), tpmQuote, binding);
            JsonObject.Builder claims = JsonObject.builder();
            TdxClaims.of(verified.quote(), verified.platform(), Optional.empty())
                    .members()
                    .forEach(claims::put);
            verified.claims().members().forEach(claims::put);
            claims.put("tpm", registers.registers());
            return new VerifiedEvidence(
                    VerifiedEvidence.CPU, registers.reportData(), Optional.of(registers.initData()), claims.build());
        } catch (JsonException e) {
            throw new EvidenceException("Azure TDX evidence: " + e.getMessage(), e);
        }
    }
}
