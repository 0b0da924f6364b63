package dev.bulla.provision.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs every command of docs/attestation.md, docs/kbs.md and docs/secrets.md that is marked as one, as it stands there. */
@Tag("peer")
class AttestationDocsTest {
    private static final Pattern BLOCK = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL);

    /** A server is put into the background, on a free port, and its URL waited for. */
    private static final String SERVE = """
            serve() {
              rm -f url
              bulla kbs serve "$@" >url &
              echo $! >>pids
              tries=0
              until [ -s url ]; do
                tries=$((tries + 1)); [ $tries -lt 300 ] || exit 1
                sleep 0.1
              done
              URL=$(head -n 1 url)
            }
            trap '[ ! -f pids ] || kill $(cat pids)' EXIT
            """;

    @TempDir
    private Path folder = Path.of("set by the test engine");

    @Test
    void pages_everyCommand_succeeds() throws Exception {
        Peers.find("openssl", "openssl");
        StringBuilder commands = new StringBuilder();
        for (String page : List.of("attestation.md", "kbs.md", "secrets.md")) {
            String text = Files.readString(
                    Path.of(System.getProperty("bulla.root", "."))
                            .resolve("docs")
                            .resolve(page),
                    StandardCharsets.UTF_8);
            Matcher block = BLOCK.matcher(text);
            while (block.find()) {
                commands.append(block.group(1));
            }
        }
        assertThat(commands).contains("bulla kbs serve", "bulla kbs-client", "bulla secret seal");
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        Files.write(folder.resolve("layers.key"), key);
        Path bin = Files.createDirectory(folder.resolve("bin"));
        Path program = Files.writeString(
                bin.resolve("bulla"),
                "#!/bin/sh\nexec '" + System.getProperty("java.home")
                        + "/bin/java' -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED -cp '"
                        + System.getProperty("java.class.path") + "' dev.bulla.provision.cli.Main \"$@\"\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        String script = "set -eu\nPATH='" + bin + "':$PATH\n" + SERVE
                + commands.toString()
                        .replaceAll("(?m)^bulla kbs serve ", "serve ")
                        .replace("--listen 127.0.0.1:8080", "--listen 127.0.0.1:0")
                        .replace("http://127.0.0.1:8080", "\"$URL\"");
        Path file = Files.writeString(folder.resolve("pages.sh"), script);
        ProgramRun run = ProgramRun.of(folder, Map.of(), List.of("/bin/sh", file.toString()))
                .succeeded();
        assertThat(run.out())
                .contains("Set resource success", "[\"1\"]", Base64.getEncoder().encodeToString(key));
        assertThat(folder.resolve("secret.sealed")).content().startsWith("sealed.");
    }
}
