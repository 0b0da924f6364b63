package dev.bulla.linux;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;

/**
 * The guest's own device of AMD SEV-SNP, {@code /dev/sev-guest} (linux/sev-guest.h,
 * Documentation/virt/coco/sev-guest.rst).
 */
public interface SevGuest {
    /** How many bytes of the caller's a report carries. */
    int USER_DATA_LENGTH = 64;

    /** How many bytes the host may give of certificates: what the kernel takes at most. */
    int MAX_CERTIFICATES = 0x4000;

    /**
     * What the firmware signed, and what the host gave beside it.
     *
     * @param report the report
     * @param certificates the host's table of certificates, zeros after its end; empty where it was not asked
     */
    @SuppressWarnings("ArrayRecordComponent") // read once by whoever asked; never compared
    record Signed(byte[] report, byte[] certificates) {
        public Signed {
            requireNonNull(report, "report is null");
            requireNonNull(certificates, "certificates is null");
        }
    }

    /** The device at this path. */
    static SevGuest at(Path device) {
        return new KernelSevGuest(device);
    }

    /**
     * Asks the firmware for a report, without certificates.
     *
     * @param userData 64 bytes that the report carries
     * @param vmpl the privilege level that the report names, 0 to 3
     * @throws LinuxException when there is no device, or the firmware or the host refuses
     */
    Signed report(byte[] userData, int vmpl) throws LinuxException;

    /**
     * Asks the firmware for a report and the host for the certificates that vouch for it.
     *
     * @param userData 64 bytes that the report carries
     * @param vmpl the privilege level that the report names, 0 to 3
     * @throws LinuxException when there is no device, or the firmware or the host refuses
     */
    Signed extendedReport(byte[] userData, int vmpl) throws LinuxException;
}
