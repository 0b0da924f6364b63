package dev.bulla.attestation.client.evidence;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.client.EvidenceUnavailableException;
import dev.bulla.attestation.client.evidence.tsm.TsmProvider;
import dev.bulla.attestation.client.evidence.tsm.TsmReports;
import dev.bulla.attestation.protocol.JsonBytes;
import dev.bulla.attestation.protocol.Tee;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;

/** Arm CCA: {@code {"token": [bytes]}}, the token by configfs-tsm. */
record CcaAttester(TsmReports reports) implements Attester {
    CcaAttester {
        requireNonNull(reports, "reports is null");
    }

    @Override
    public Tee tee() {
        return Tee.CCA;
    }

    @Override
    public JsonValue evidence(byte[] reportData) throws EvidenceUnavailableException {
        byte[] token = reports.make(TsmProvider.CCA, ReportField.fill(tee(), reportData))
                .out();
        return JsonObject.builder().put("token", JsonBytes.write(token)).build();
    }
}
