package dev.bulla.attestation.client.evidence;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.client.EvidenceUnavailableException;
import dev.bulla.attestation.client.InitDataMismatchException;
import dev.bulla.attestation.protocol.InitDataDocument;
import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.attestation.protocol.Tee;
import dev.bulla.attestation.protocol.snp.SnpEvidence;
import dev.bulla.attestation.protocol.snp.SnpReport;
import dev.bulla.linux.SevGuest;
import dev.bulla.oci.json.JsonValue;
import java.security.MessageDigest;

/** AMD SEV-SNP: the report's fields and the host's certificates, as {@link SnpEvidence} writes them. */
record SnpAttester(SnpReportSource source) implements Attester {
    SnpAttester {
        requireNonNull(source, "source is null");
    }

    @Override
    public Tee tee() {
        return Tee.SNP;
    }

    @Override
    public JsonValue evidence(byte[] reportData) throws EvidenceUnavailableException {
        byte[] userData = ReportField.fill(tee(), reportData);
        SevGuest.Signed signed = source.report(userData);
        return new SnpEvidence(parse(signed, userData), SnpCertificateTable.parse(signed.certificates())).toJson();
    }

    @Override
    public InitDataBinding checkInitData(InitDataDocument initData)
            throws EvidenceUnavailableException, InitDataMismatchException {
        byte[] userData = ReportField.fill(tee(), new byte[0]);
        return ReportField.compare(
                "HOST_DATA", parse(source.report(userData), userData).hostData(), initData);
    }

    /** The report; one of other user data is of somebody else's request. */
    private static SnpReport parse(SevGuest.Signed signed, byte[] userData) throws EvidenceUnavailableException {
        SnpReport report;
        try {
            report = SnpReport.parse(signed.report());
        } catch (KbsProtocolException e) {
            throw new EvidenceUnavailableException("snp: " + e.getMessage(), e);
        }
        if (!MessageDigest.isEqual(report.reportData(), userData)) {
            throw new EvidenceUnavailableException("snp: the report does not carry the report data it was asked for");
        }
        return report;
    }
}
