package dev.bulla.attestation.client.evidence;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.client.EvidenceUnavailableException;
import dev.bulla.attestation.client.InitDataMismatchException;
import dev.bulla.attestation.client.eventlog.MeasurementRegisters;
import dev.bulla.attestation.client.evidence.tsm.TsmProvider;
import dev.bulla.attestation.client.evidence.tsm.TsmReports;
import dev.bulla.attestation.protocol.InitDataDocument;
import dev.bulla.attestation.protocol.Tee;
import dev.bulla.oci.json.JsonNull;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonValue;
import java.util.Base64;
import java.util.Optional;

/** Intel TDX: {@code {"cc_eventlog": base64 or null, "quote": base64}}, the quote by configfs-tsm. */
record TdxAttester(TsmReports reports, TdxMeasurements measurements, CcEventLog log) implements Attester {
    TdxAttester {
        requireNonNull(reports, "reports is null");
        requireNonNull(measurements, "measurements is null");
        requireNonNull(log, "log is null");
    }

    @Override
    public Tee tee() {
        return Tee.TDX;
    }

    @Override
    public JsonValue evidence(byte[] reportData) throws EvidenceUnavailableException {
        byte[] quote = quote(reportData);
        // A verifier wants the very log that leads to the quote's registers: an event in between gets the evidence
        // refused.
        JsonValue events = JsonNull.NULL;
        Optional<byte[]> read = log.read();
        if (read.isPresent()) {
            events = new JsonString(Base64.getEncoder().encodeToString(read.get()));
        }
        return JsonObject.builder()
                .put("cc_eventlog", events)
                .put("quote", Base64.getEncoder().encodeToString(quote))
                .build();
    }

    @Override
    public InitDataBinding checkInitData(InitDataDocument initData)
            throws EvidenceUnavailableException, InitDataMismatchException {
        byte[] measured = measurements.present() ? measurements.mrConfigId() : TdQuote.mrConfigId(quote(new byte[0]));
        return ReportField.compare("MRCONFIGID", measured, initData);
    }

    @Override
    public Optional<MeasurementRegisters> registers() {
        return measurements.present() ? Optional.of(measurements) : Optional.empty();
    }

    private byte[] quote(byte[] reportData) throws EvidenceUnavailableException {
        return reports.make(TsmProvider.TDX, ReportField.fill(tee(), reportData))
                .out();
    }
}
