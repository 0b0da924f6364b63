package dev.bulla.kbs.evidence.snp;

import dev.bulla.attestation.protocol.snp.SnpProduct;
import dev.bulla.attestation.protocol.snp.SnpReport;

/** A report that {@link SnpReportVerifier} has found genuine; what it is bound to is still to be compared. */
public final class VerifiedSnpReport {
    private final SnpReport report;
    private final SnpProduct product;

    VerifiedSnpReport(SnpReport report, SnpProduct product) {
        this.report = report;
        this.product = product;
    }

    /** The report. */
    public SnpReport report() {
        return report;
    }

    /** The product whose authorities vouch for the report. */
    public SnpProduct product() {
        return product;
    }
}
