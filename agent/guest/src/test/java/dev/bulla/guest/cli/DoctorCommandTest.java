package dev.bulla.guest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bulla.linux.FileSystemType;
import dev.bulla.oci.json.JsonCursor;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

@Isolated("it looks at the process's own output")
class DoctorCommandTest {
    @TempDir
    Path folder;

    @Test
    void doctor_storeThatIsNotThereYet_isTriedInTheFolderAboveAndNotCreated() throws Exception {
        Path store = folder.resolve("not/there");
        CommandRun run = CommandRun.of("doctor", "--store", store.toString(), "--verity", "off", "--output", "json");
        JsonCursor.Members json = JsonCursor.parse(run.out().strip()).object();
        assertThat(json.required("folder").string()).isEqualTo(folder.toString());
        boolean mounted = json.required("mount").object().required("present").bool();
        assertThat(run.code()).as(run.out()).isEqualTo(mounted ? 0 : ExitCode.STORE.code());
        assertThat(json.optional("refusal").isPresent()).isEqualTo(!mounted);
        JsonCursor.Members tee = json.required("tee").object();
        assertThat(tee.required("probes").array()).hasSize(10);
        assertThat(tee.optional("detected").isPresent())
                .isNotEqualTo(tee.optional("refusal").isPresent());
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void doctor_lessThanAskedFor_isExitCodeSeven() throws Exception {
        Path memory = Path.of("/dev/shm");
        assumeTrue(Files.isWritable(memory) && FileSystemType.of(memory).isMemory(), "a tmpfs on /dev/shm");
        CommandRun run = CommandRun.of("doctor", "--store", "/dev/shm/not-there", "--verity", "required");
        assertThat(run.code()).isEqualTo(ExitCode.STORE.code());
        assertThat(run.out())
                .contains("enforcement             guest-memory")
                .contains("tee tdx                 ")
                .contains("--tee auto              ")
                .contains(
                        "verdict                 a mount would be refused: mount: --verity required: got guest-memory");
    }
}
