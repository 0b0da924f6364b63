package dev.bulla.provision.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
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
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** Runs every command of docs/howto-images.md, as it stands there. */
@Tag("peer")
class HowtoTest {
    private static final Pattern BLOCK = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL);

    @TempDir
    private Path folder = Path.of("set by the test engine");

    static boolean hasMemoryFileSystem() {
        return Files.isWritable(Path.of("/dev/shm"));
    }

    @Test
    @EnabledIf(value = "hasMemoryFileSystem", disabledReason = "no writable /dev/shm")
    void howto_everyCommand_succeeds() throws Exception {
        Path umoci = Peers.find("umoci", "umoci");
        Path skopeo = Peers.find("skopeo", "skopeo");
        Path cosign = Peers.find("cosign", "cosign (of trixie)");
        Peers.find("openssl", "openssl");
        String page = Files.readString(
                Path.of(System.getProperty("bulla.root", ".")).resolve("docs/howto-images.md"), StandardCharsets.UTF_8);
        StringBuilder commands = new StringBuilder();
        Matcher block = BLOCK.matcher(page);
        while (block.find()) {
            commands.append(block.group(1));
        }
        assertThat(commands).contains("bulla pull", "bulla encrypt", "bulla sign", "bulla push");

        try (DockerRegistry registry = DockerRegistry.startOpen(folder)) {
            String port = registry.host().substring(registry.host().lastIndexOf(':') + 1);
            Path work = Files.createDirectory(folder.resolve("work"));
            Path bin = Files.createDirectory(folder.resolve("bin"));
            program(
                    bin,
                    "bulla",
                    "'" + System.getProperty("java.home") + "/bin/java' -XX:+UseSerialGC"
                            + " --enable-native-access=ALL-UNNAMED -cp '" + System.getProperty("java.class.path")
                            + "' dev.bulla.provision.cli.Main");
            program(bin, "skopeo", "'" + skopeo + "' --insecure-policy");
            program(bin, "cosign", "'" + cosign + "'");
            program(bin, "umoci", "'" + umoci + "'");
            String script = "set -eu\n"
                    + "PATH='" + bin + "':$PATH\n"
                    + "umoci init --layout image\n"
                    + "umoci new --image image:v1\n"
                    + "mkdir tree && head -c 300000 /dev/urandom >tree/random && echo hello >tree/hello\n"
                    + "umoci insert --image image:v1 tree /app\n"
                    + commands.toString()
                            .replace("localhost:5000", "localhost:" + port)
                            .replace("/dev/shm/bulla-howto", "/dev/shm/bulla-howto-" + port);
            Path file = Files.writeString(folder.resolve("howto.sh"), script);
            try {
                ProgramRun run = ProgramRun.of(work, Map.of(), List.of("/bin/sh", file.toString()))
                        .succeeded();
                assertThat(run.out()).contains("opened by jwe", "opened by provider.attestation-agent");
            } finally {
                ProgramRun.of(
                        work,
                        Map.of(),
                        List.of(
                                "/bin/sh",
                                "-c",
                                "rm -rf /dev/shm/bulla-howto-" + port + " /dev/shm/bulla-howto-" + port + "-peer"));
            }
        }
    }

    /** A program of that name which becomes the command, so that whoever ends the one ends the other. */
    private static void program(Path bin, String name, String command) throws IOException {
        Path file = Files.writeString(bin.resolve(name), "#!/bin/sh\nexec " + command + " \"$@\"\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
