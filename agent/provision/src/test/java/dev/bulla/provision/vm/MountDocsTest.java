package dev.bulla.provision.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bulla.composefs.mount.MountTrial;
import dev.bulla.linux.FileSystemType;
import dev.bulla.provision.peer.Peers;
import dev.bulla.provision.peer.ProgramRun;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs every command of docs/mount.md, as it stands there, on a store in memory. */
@Tag("peer")
class MountDocsTest {
    private static final Pattern BLOCK = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL);

    @TempDir
    private Path folder = Path.of("set by the test engine");

    @Test
    void mount_everyCommand_succeeds() throws Exception {
        Peers.find("jq", "jq");
        Path memory = Path.of("/dev/shm");
        assumeTrue(Files.isWritable(memory) && FileSystemType.of(memory).isMemory(), "a tmpfs on /dev/shm");
        MountTrial trial = MountTrial.in(memory);
        assumeTrue(trial.mount().present(), "root, erofs, overlay, loop devices: " + trial);
        StringBuilder commands = new StringBuilder();
        Matcher block = BLOCK.matcher(Files.readString(
                Path.of(System.getProperty("bulla.root", ".")).resolve("docs/mount.md"), StandardCharsets.UTF_8));
        while (block.find()) {
            commands.append(block.group(1));
        }
        assertThat(commands).contains("bulla mount", "bulla umount", "bulla doctor");
        Path bin = Files.createDirectory(folder.resolve("bin"));
        Path bulla = Files.writeString(
                bin.resolve("bulla"),
                "#!/bin/sh\nexec '" + System.getProperty("java.home")
                        + "/bin/java' -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED -cp '"
                        + System.getProperty("java.class.path") + "' dev.bulla.guest.cli.Main \"$@\"\n");
        Files.setPosixFilePermissions(bulla, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path work = Files.createDirectory(folder.resolve("work"));
        GuestImage.write(work.resolve("layout"));
        Files.writeString(work.resolve("policy.json"), GuestImage.POLICY);
        Path script = Files.writeString(
                folder.resolve("mount.sh"),
                "set -eu\nPATH='" + bin + "':$PATH\nSTORE=$(mktemp -d /dev/shm/bulla-docs.XXXXXX)\n"
                        + "trap 'umount -q rootfs || true; rm -rf \"$STORE\"' EXIT\n" + commands);
        ProgramRun run = ProgramRun.of(work, Map.of(), List.of("/bin/sh", script.toString()))
                .succeeded();
        assertThat(run.out()).contains("a mount would be accepted", "\nguest-memory\n", "\nnew\n");
    }
}
