package dev.bulla.attestation.client.evidence;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.client.evidence.azure.AzureMetadata;
import dev.bulla.attestation.client.evidence.azure.InstanceMetadataService;
import dev.bulla.attestation.client.evidence.tpm.TpmDeviceFile;
import dev.bulla.attestation.client.evidence.tpm.TpmTransport;
import dev.bulla.attestation.client.evidence.tsm.TsmReportFiles;
import dev.bulla.attestation.client.evidence.tsm.TsmReports;
import dev.bulla.attestation.protocol.Tee;
import dev.bulla.linux.SevGuest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;

/**
 * What this guest's kernel offers to make evidence with.
 *
 * @param root the root of the file system, {@code /}
 * @param eventLog our own event log (AAEL), which goes with a TDX quote; it need not exist
 * @param tsm configfs-tsm
 * @param sev SNP's own device
 * @param tpm the TPM
 * @param azure what Azure's host gives
 * @param random where the names of reports come from
 */
public record TeeInterfaces(
        Path root,
        Path eventLog,
        TsmReportFiles tsm,
        SevGuest sev,
        TpmTransport.Source tpm,
        AzureMetadata azure,
        SecureRandom random) {
    private static final List<String> TPM_DEVICES = List.of("dev/tpmrm0", "dev/tpm0");

    public TeeInterfaces {
        requireNonNull(root, "root is null");
        requireNonNull(eventLog, "eventLog is null");
        requireNonNull(tsm, "tsm is null");
        requireNonNull(sev, "sev is null");
        requireNonNull(tpm, "tpm is null");
        requireNonNull(azure, "azure is null");
        requireNonNull(random, "random is null");
    }

    /** The kernel's own. */
    public static TeeInterfaces of(Path root, Path eventLog, SecureRandom random) {
        return new TeeInterfaces(
                root,
                eventLog,
                TsmReportFiles.in(root.resolve("sys/kernel/config/tsm/report")),
                SevGuest.at(root.resolve("dev/sev-guest")),
                () -> openTpm(root),
                new InstanceMetadataService(),
                random);
    }

    private static TpmTransport openTpm(Path root) throws IOException {
        for (String device : TPM_DEVICES) {
            Path path = root.resolve(device);
            if (Files.exists(path)) {
                return TpmDeviceFile.open(path);
            }
        }
        throw new NoSuchFileException(root.resolve(TPM_DEVICES.getFirst()).toString());
    }

    /** A file or folder of the guest. */
    Path path(String relative) {
        return root.resolve(relative);
    }

    /** Whether there is a TPM at all. */
    boolean hasTpm() {
        return TPM_DEVICES.stream().map(root::resolve).anyMatch(Files::exists);
    }

    TsmReports reports() {
        return new TsmReports(tsm, random);
    }

    /** The attester of this kind, if it is one of ours that a guest's hardware offers. Nothing is tried yet. */
    Optional<Attester> attester(Tee tee) {
        return switch (tee) {
            case TDX ->
                Optional.of(new TdxAttester(
                        reports(),
                        new TdxMeasurements(path("sys/devices/virtual/misc/tdx_guest/measurements")),
                        new CcEventLog(path("sys/firmware/acpi/tables/data/CCEL"), eventLog)));
            case SNP ->
                Optional.of(new SnpAttester(
                        tsm.present() ? new SnpReportSource.Tsm(reports()) : new SnpReportSource.Device(sev)));
            case CCA -> Optional.of(new CcaAttester(reports()));
            case AZ_SNP_VTPM, AZ_TDX_VTPM -> Optional.of(new AzureVtpmAttester(tee, tpm, azure, Thread::sleep));
            case TPM -> Optional.of(new TpmAttester(tpm, TpmAttester.DEFAULT_KEY));
            case SGX, CSV, SE, HYGON_DCU, NVIDIA, SAMPLE, SAMPLE_DEVICE -> Optional.empty();
        };
    }
}
