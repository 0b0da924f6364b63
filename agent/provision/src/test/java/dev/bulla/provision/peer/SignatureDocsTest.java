package dev.bulla.provision.peer;

import static org.assertj.core.api.Assertions.assertThat;

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

/** Runs every command of the parts (b) and (c) of docs/seals.md, as it stands there. */
@Tag("peer")
class SignatureDocsTest {
    private static final Pattern BLOCK = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL);

    @TempDir
    private Path folder = Path.of("set by the test engine");

    @Test
    void signatures_everyCommand_succeeds() throws Exception {
        Peers.find("openssl", "openssl");
        Peers.find("fsverity", "fsverity");
        String page = Files.readString(
                Path.of(System.getProperty("bulla.root", ".")).resolve("docs/seals.md"), StandardCharsets.UTF_8);
        StringBuilder commands = new StringBuilder();
        Matcher block = BLOCK.matcher(page.substring(page.indexOf("## (b)"), page.indexOf("## Why")));
        while (block.find()) {
            commands.append(block.group(1));
        }
        assertThat(commands).contains("image-signature sign", "image-signature verify", "fsverity sign");

        Path bin = Files.createDirectory(folder.resolve("bin"));
        Path bulla = Files.writeString(
                bin.resolve("bulla"),
                "#!/bin/sh\nexec '" + System.getProperty("java.home")
                        + "/bin/java' -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED -cp '"
                        + System.getProperty("java.class.path") + "' dev.bulla.provision.cli.Main \"$@\"\n");
        Files.setPosixFilePermissions(bulla, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path work = Files.createDirectory(folder.resolve("work"));
        Path script = Files.writeString(folder.resolve("seals.sh"), "set -eu\nPATH='" + bin + "':$PATH\n" + commands);
        ProgramRun run = ProgramRun.of(work, Map.of(), List.of("/bin/sh", script.toString()))
                .succeeded();
        assertThat(run.out()).contains("signed by the key", "Signed file 'app.cfs'");
    }
}
