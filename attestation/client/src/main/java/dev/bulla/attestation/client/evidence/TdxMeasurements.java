package dev.bulla.attestation.client.evidence;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.client.EvidenceUnavailableException;
import dev.bulla.attestation.protocol.HashAlgorithm;
import dev.bulla.linux.OpenFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The measurement registers of a TD as Linux 6.16 and later offer them in sysfs
 * (Documentation/ABI/testing/sysfs-devices-virtual-misc-tdx_guest): reading gives the register, writing extends it.
 *
 * <p>PCRs stand for RTMRs as in UEFI 2.11, 38.4.1: 1 and 7 for RTMR 0, 2 to 6 for RTMR 1, 8 to 15 for RTMR 2; 16 and above
 * go to RTMR 3, as guest-components has it. An event log calls RTMR n by n + 1. PCR 0 stands for MRTD, which nobody extends.
 */
record TdxMeasurements(Path folder) implements RuntimeRegisters {
    private static final int LENGTH = 48;

    TdxMeasurements {
        requireNonNull(folder, "folder is null");
    }

    /** Whether this kernel has them. */
    boolean present() {
        return Files.isDirectory(folder);
    }

    /** What the TD was configured with by whoever started it. */
    byte[] mrConfigId() throws EvidenceUnavailableException {
        return read("mrconfigid");
    }

    @Override
    public HashAlgorithm algorithm() {
        return HashAlgorithm.SHA384;
    }

    @Override
    public int logIndex(int pcr) throws EvidenceUnavailableException {
        RegisterArguments.check(pcr);
        return switch (pcr) {
            case 0 -> throw new EvidenceUnavailableException("tdx: PCR 0 stands for MRTD, which cannot be extended");
            case 1, 7 -> 1;
            case 2, 3, 4, 5, 6 -> 2;
            case 8, 9, 10, 11, 12, 13, 14, 15 -> 3;
            default -> 4;
        };
    }

    @Override
    public byte[] read(int pcr) throws EvidenceUnavailableException {
        return read(register(pcr));
    }

    @Override
    public void extend(int pcr, byte[] digest) throws EvidenceUnavailableException {
        RegisterArguments.check(pcr, algorithm(), digest);
        String register = register(pcr);
        try {
            Files.write(folder.resolve(register), digest, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new EvidenceUnavailableException("tdx: " + register + " was not extended: " + e.getMessage(), e);
        }
    }

    private String register(int pcr) throws EvidenceUnavailableException {
        return "rtmr" + (logIndex(pcr) - 1) + ":sha384";
    }

    private byte[] read(String name) throws EvidenceUnavailableException {
        byte[] value;
        try (OpenFile file = OpenFile.read(folder.resolve(name))) {
            value = file.readAll(LENGTH);
        } catch (IOException e) {
            throw new EvidenceUnavailableException("tdx: " + e.getMessage(), e);
        }
        if (value.length != LENGTH) {
            throw new EvidenceUnavailableException(
                    "tdx: " + name + " has " + value.length + " bytes, expected " + LENGTH);
        }
        return value;
    }
}
