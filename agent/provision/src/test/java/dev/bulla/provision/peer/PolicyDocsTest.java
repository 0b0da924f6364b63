package dev.bulla.provision.peer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.oci.Digest;
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
import org.junit.jupiter.api.io.TempDir;

/** Runs every command of docs/policy.md, as it stands there, and compares with what it shows of their answers. */
@Tag("peer")
class PolicyDocsTest {
    private static final Pattern BLOCK = Pattern.compile("```sh\n(.*?)```", Pattern.DOTALL);
    private static final Pattern ANSWER = Pattern.compile("```\n(.*?)```", Pattern.DOTALL);

    @TempDir
    private Path folder = Path.of("set by the test engine");

    @Test
    void policy_everyCommand_succeeds() throws Exception {
        String page = Files.readString(
                Path.of(System.getProperty("bulla.root", ".")).resolve("docs/policy.md"), StandardCharsets.UTF_8);
        StringBuilder commands = new StringBuilder();
        Matcher block = BLOCK.matcher(page);
        while (block.find()) {
            commands.append(block.group(1));
        }
        assertThat(commands).contains("policy generate", "policy lint", "policy explain", "policy eval", "policy test");
        Path bin = Files.createDirectory(folder.resolve("bin"));
        Path bulla = Files.writeString(
                bin.resolve("bulla"),
                "#!/bin/sh\nexec '" + System.getProperty("java.home")
                        + "/bin/java' -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --enable-native-access=ALL-UNNAMED -cp '"
                        + System.getProperty("java.class.path") + "' dev.bulla.provision.cli.Main \"$@\"\n");
        Files.setPosixFilePermissions(bulla, PosixFilePermissions.fromString("rwxr-xr-x"));
        Path work = Files.createDirectory(folder.resolve("work"));
        writeImage(work.resolve("image"));
        Path script = Files.writeString(folder.resolve("policy.sh"), "set -eu\nPATH='" + bin + "':$PATH\n" + commands);
        String out = ProgramRun.of(work, Map.of(), List.of("/bin/sh", script.toString()))
                .succeeded()
                .out();
        assertThat(out).contains("accept: \"registry.example/app:1\"", "reject: \"registry.example/other:1\"");
        String section = page.substring(page.indexOf("## Before you deploy"), page.indexOf("## Questions of"));
        // What is not of a block of commands: those are taken out first.
        Matcher answer = ANSWER.matcher(BLOCK.matcher(section).replaceAll(""));
        int answers = 0;
        while (answer.find()) {
            assertThat(out).contains(answer.group(1));
            answers++;
        }
        assertThat(answers).isEqualTo(2);
    }

    /** An image in a layout, of one layer that nobody reads. */
    private static void writeImage(Path layout) throws IOException {
        String config = descriptor("application/vnd.oci.image.config.v1+json", blob(layout, "{}"), "");
        String layer = descriptor("application/vnd.oci.image.layer.v1.tar+gzip", blob(layout, "layer"), "");
        String manifest = blob(
                layout,
                "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"config\":" + config
                        + ",\"layers\":[" + layer + "]}");
        Files.writeString(layout.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
        Files.writeString(
                layout.resolve("index.json"),
                "{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"manifests\":["
                        + descriptor(
                                "application/vnd.oci.image.manifest.v1+json",
                                manifest,
                                ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"1\"}")
                        + "]}");
    }

    private static String descriptor(String mediaType, String content, String more) {
        return "{\"mediaType\":\"" + mediaType + "\",\"digest\":\"" + digest(content) + "\",\"size\":"
                + content.length() + more + "}";
    }

    private static Digest digest(String content) {
        return Digest.Algorithm.SHA256.of(content.getBytes(StandardCharsets.UTF_8));
    }

    private static String blob(Path layout, String content) throws IOException {
        Path folder = Files.createDirectories(layout.resolve("blobs/sha256"));
        Files.writeString(folder.resolve(digest(content).hex()), content);
        return content;
    }
}
