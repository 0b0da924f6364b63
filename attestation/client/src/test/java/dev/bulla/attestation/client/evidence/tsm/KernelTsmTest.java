package dev.bulla.attestation.client.evidence.tsm;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;

/** That the kernel keeps the contract, where it offers reports at all. */
class KernelTsmTest extends TsmReportFilesContract {
    private static final String PROBE = "bulla-contract-probe";

    @Override
    TsmReportFiles files() {
        TsmReportFiles files = TsmReportFiles.in(Path.of("/sys/kernel/config/tsm/report"));
        assumeTrue(files.present(), "configfs-tsm is absent");
        try {
            files.create(PROBE);
            files.remove(PROBE);
        } catch (IOException e) {
            assumeTrue(false, "configfs-tsm gives no reports: " + e.getMessage());
        }
        return files;
    }
}
