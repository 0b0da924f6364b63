package dev.bulla.attestation.client.evidence;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.client.EvidenceUnavailableException;
import dev.bulla.attestation.client.InitDataMismatchException;
import dev.bulla.attestation.client.eventlog.MeasurementRegisters;
import dev.bulla.attestation.client.evidence.azure.AzureMetadata;
import dev.bulla.attestation.client.evidence.azure.HclReport;
import dev.bulla.attestation.client.evidence.tpm.Tpm;
import dev.bulla.attestation.client.evidence.tpm.TpmQuote;
import dev.bulla.attestation.client.evidence.tpm.TpmTransport;
import dev.bulla.attestation.protocol.InitDataDocument;
import dev.bulla.attestation.protocol.Tee;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;

/**
 * A confidential VM of Azure:
 * {@code {"version": 2, "tpm_quote": {"signature", "message": hex, "pcrs": [hex]}, "hcl_report": base64url, …}} and
 * {@code "vcek"} (DER) of SNP or {@code "td_quote"} of TDX, both base64url with padding. The signature is RSA's bytes alone.
 */
record AzureVtpmAttester(Tee tee, TpmTransport.Source source, AzureMetadata metadata, AzureVtpm.Pause pause)
        implements Attester {
    private static final int VERSION = 2;

    AzureVtpmAttester {
        if (tee != Tee.AZ_SNP_VTPM && tee != Tee.AZ_TDX_VTPM) {
            throw new IllegalArgumentException(tee.wireName() + " is no vTPM of Azure");
        }
        requireNonNull(source, "source is null");
        requireNonNull(metadata, "metadata is null");
        requireNonNull(pause, "pause is null");
    }

    @Override
    public JsonValue evidence(byte[] reportData) throws EvidenceUnavailableException {
        HclReport report;
        TpmQuote quote;
        try (Tpm tpm = Tpm.open(source)) {
            report = AzureVtpm.report(tpm, reportData, pause);
            if (report.tee() != tee) {
                throw new EvidenceUnavailableException(
                        "HCL report: it is of " + report.tee().wireName() + ", expected " + tee.wireName());
            }
            Tpm.Key key = tpm.persistentKey(AzureVtpm.KEY)
                    .orElseThrow(() -> new EvidenceUnavailableException("tpm: no attestation key at 0x81000003"));
            quote = tpm.quote(key, reportData);
        }
        Base64.Encoder base64 = Base64.getUrlEncoder();
        JsonObject.Builder evidence = JsonObject.builder()
                .put("version", VERSION)
                .put(
                        "tpm_quote",
                        JsonObject.builder()
                                .put("signature", HexFormat.of().formatHex(quote.rawSignature()))
                                .put("message", HexFormat.of().formatHex(quote.message()))
                                .put("pcrs", TpmAttester.hex(quote))
                                .build())
                .put("hcl_report", base64.encodeToString(report.bytes()));
        if (tee == Tee.AZ_SNP_VTPM) {
            evidence.put("vcek", base64.encodeToString(metadata.vcek()));
        } else {
            evidence.put("td_quote", base64.encodeToString(metadata.tdQuote(report.hardwareReport())));
        }
        return evidence.build();
    }

    @Override
    public InitDataBinding checkInitData(InitDataDocument initData)
            throws EvidenceUnavailableException, InitDataMismatchException {
        return new TpmRegisters(source).bind(initData);
    }

    @Override
    public Optional<MeasurementRegisters> registers() {
        return Optional.of(new TpmRegisters(source));
    }
}
