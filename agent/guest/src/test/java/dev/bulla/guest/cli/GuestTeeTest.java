package dev.bulla.guest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.bulla.oci.json.JsonCursor;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuestTeeTest {
    @TempDir
    Path root;

    private GuestTee tee() {
        return GuestTee.of(GuestTee.attesters(root, root.resolve("eventlog")));
    }

    private JsonCursor.Members json() throws Exception {
        return new JsonCursor(tee().json(), "$").object();
    }

    @Test
    void tee_plainMachine_isRefusedAndNeverSample() throws Exception {
        assertThat(tee().lines())
                .contains(entry("tee tpm", "absent (no dev/tpmrm0 or dev/tpm0)"))
                .hasEntrySatisfying("--tee auto", result -> assertThat(result).startsWith("refused: no TEE was found"))
                .doesNotContainKey("tee sample");
        assertThat(json().optional("detected")).isEmpty();
        assertThat(json().required("refusal").string()).contains("no TEE was found");
    }

    @Test
    void tee_guestOfOne_isFoundInItsPlace() throws Exception {
        Files.createDirectory(root.resolve("dev"));
        Files.createFile(root.resolve("dev/sev-guest"));
        assertThat(tee().lines()).contains(entry("tee snp", "present (dev/sev-guest)"), entry("--tee auto", "snp"));
        assertThat(json().required("detected").string()).isEqualTo("snp");
        assertThat(json().required("probes")
                        .array()
                        .getFirst()
                        .object()
                        .required("tee")
                        .string())
                .isEqualTo("tdx");
    }

    @Test
    void tee_unsupportedKind_isNamedAndRefused() throws Exception {
        Files.createDirectory(root.resolve("dev"));
        Files.createFile(root.resolve("dev/csv-guest"));
        assertThat(tee().lines())
                .contains(entry("tee csv", "not-supported (dev/csv-guest, not supported)"))
                .hasEntrySatisfying("--tee auto", result -> assertThat(result).startsWith("refused: TEE csv"));
    }
}
