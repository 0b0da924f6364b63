package dev.bulla.attestation.client.evidence;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.client.EvidenceUnavailableException;
import dev.bulla.attestation.client.eventlog.EventLogException;
import dev.bulla.attestation.client.eventlog.MeasurementRegisters;
import dev.bulla.attestation.client.eventlog.RegisterMapping;
import dev.bulla.attestation.protocol.HashAlgorithm;
import dev.bulla.linux.OpenFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The measurement registers of a TD as Linux 6.16 and later offer them in sysfs
 * (Documentation/ABI/testing/sysfs-devices-virtual-misc-tdx_guest): reading gives the register, writing extends it. PCRs
 * stand for RTMRs by {@link RegisterMapping#TDX}.
 */
record TdxMeasurements(Path folder) implements MeasurementRegisters {
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
        try {
            return value("mrconfigid");
        } catch (IOException e) {
            throw new EvidenceUnavailableException(String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public boolean measured() {
        return true;
    }

    @Override
    public HashAlgorithm algorithm() {
        return HashAlgorithm.SHA384;
    }

    @Override
    public int logIndex(int pcr) throws EventLogException {
        return RegisterMapping.TDX.logIndex(pcr);
    }

    @Override
    public byte[] read(int pcr) throws IOException {
        return value(register(pcr));
    }

    @Override
    public void extend(int pcr, byte[] digest) throws IOException {
        if (digest.length != LENGTH) {
            throw new IllegalArgumentException("a digest of " + digest.length + " bytes, expected " + LENGTH);
        }
        String register = register(pcr);
        try {
            Files.write(folder.resolve(register), digest, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new IOException("tdx: " + register + " was not extended: " + e.getMessage(), e);
        }
    }

    private static String register(int pcr) throws EventLogException {
        return "rtmr" + (RegisterMapping.TDX.logIndex(pcr) - 1) + ":sha384";
    }

    private byte[] value(String name) throws IOException {
        byte[] value;
        try (OpenFile file = OpenFile.read(folder.resolve(name))) {
            value = file.readAll(LENGTH);
        } catch (IOException e) {
            throw new IOException("tdx: " + e.getMessage(), e);
        }
        if (value.length != LENGTH) {
            throw new IOException("tdx: " + name + " has " + value.length + " bytes, expected " + LENGTH);
        }
        return value;
    }
}
