package dev.bulla.attestation.client.evidence;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.client.EvidenceUnavailableException;
import dev.bulla.attestation.client.evidence.tsm.TsmProvider;
import dev.bulla.attestation.client.evidence.tsm.TsmReports;
import dev.bulla.linux.LinuxException;
import dev.bulla.linux.SevGuest;

/** Where an SNP report comes from. */
sealed interface SnpReportSource {
    /** A report that carries these 64 bytes, and the host's certificates or none. */
    SevGuest.Signed report(byte[] userData) throws EvidenceUnavailableException;

    /** By configfs-tsm, Linux 6.7 and later. */
    record Tsm(TsmReports reports) implements SnpReportSource {
        public Tsm {
            requireNonNull(reports, "reports is null");
        }

        @Override
        public SevGuest.Signed report(byte[] userData) throws EvidenceUnavailableException {
            TsmReports.Report report = reports.make(TsmProvider.SEV, userData);
            return new SevGuest.Signed(report.out(), report.aux());
        }
    }

    /** By SNP's own device, at the most privileged level. */
    record Device(SevGuest guest) implements SnpReportSource {
        private static final int VMPL = 0;

        public Device {
            requireNonNull(guest, "guest is null");
        }

        @Override
        public SevGuest.Signed report(byte[] userData) throws EvidenceUnavailableException {
            LinuxException withoutCertificates;
            try {
                return guest.extendedReport(userData, VMPL);
            } catch (LinuxException e) {
                withoutCertificates = e;
            }
            // Certificates are a convenience of the host's; whoever verifies can get them elsewhere.
            try {
                return guest.report(userData, VMPL);
            } catch (LinuxException e) {
                e.addSuppressed(withoutCertificates);
                throw new EvidenceUnavailableException("snp: " + e.getMessage(), e);
            }
        }
    }
}
