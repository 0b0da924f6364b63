package dev.bulla.guest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.Command;

/** The command line's answers that need no registry. */
@Isolated("it looks at the process's own output")
class MainTest {
    @TempDir
    Path folder;

    @Test
    void version_asked_isALine() {
        CommandRun answer = CommandRun.of("--version");
        assertThat(answer.code()).isZero();
        assertThat(answer.out()).matches("bulla \\S+\\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"pull", "images", "inspect"})
    void help_ofEachCommand_namesTheCommonOptions(String command) {
        CommandRun answer = CommandRun.of(command, "--help");
        assertThat(answer.code()).isZero();
        assertThat(answer.out()).contains("--store", "--debug", "--help");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nonsense",
                "pull",
                "pull a b",
                "pull --nonsense a",
                "pull --verity maybe a",
                "pull --verity REQUIRED a",
                "pull --digest-algorithm md5 a",
                "pull --platform linux a",
                "pull --store-exposure=yes a",
                "pull --output xml a",
                "pull --progress loud a",
                "pull --tee sample a",
                "pull --kbs-key-algorithm rsa a",
                "pull --initdata /dev/null a",
                "pull --kbs https://host --tee sample --kbs-key-algorithm RSA1_5 a",
                "pull --kbs https://host --tee sample --initdata /dev/null/none a",
                "pull --kbs https://host --tee sample --initdata /dev/null a",
                "pull --kbs https://host --tee sample --offline-fs-kbc /dev/null a",
                "pull --offline-fs-kbc /dev/null/none a",
                "pull --offline-fs-kbc /dev/null a",
                "pull --kbs http://127.0.0.1:1 a",
                "pull --kbs http://127.0.0.1:1 --tee sample a",
                "pull --kbs ftp://host --tee sample a",
                "pull --kbs https://host --tee sgx a",
                "pull --kbs https://host --tee Sample a",
                "pull --kbs https://host --kbs-cert /dev/null/none --tee sample a",
                "pull --insecure-registry http://x a",
                "pull A/UPPER"
            })
    void usage_wrong_isRefusedInOneLine(String line) {
        String[] args = line.isEmpty() ? new String[0] : line.split(" ");
        CommandRun answer = CommandRun.of(args);
        assertThat(answer.code()).as(answer.err()).isEqualTo(ExitCode.USAGE.code());
        assertThat(answer.out()).isEmpty();
        assertThat(answer.err()).matches("bulla: .*\\n");
    }

    @Test
    void usage_wordWithControlCharacters_isEscaped() {
        CommandRun answer = CommandRun.of("pull", "--digest-algorithm", "md5\u001b[2J\u202e", "a");
        assertThat(answer.code()).isEqualTo(ExitCode.USAGE.code());
        assertThat(answer.err()).contains("md5\\u{1b}[2J\\u{202e}").doesNotContain("\u001b", "\u202e");
    }

    @Command(name = "exhaust")
    static final class Exhausting implements Runnable {
        @Override
        public void run() {
            throw new OutOfMemoryError("Java heap space");
        }
    }

    @Command(name = "broken")
    static final class Broken implements Runnable {
        @Override
        public void run() {
            throw new IllegalStateException("two");
        }
    }

    @Test
    void run_heapExhausted_isContentRefusedInOneLine() {
        CommandRun answer = CommandRun.with(List.of(new Exhausting()), "exhaust");
        assertThat(answer.code()).isEqualTo(ExitCode.CONTENT.code());
        assertThat(answer.err()).matches("bulla: out of memory: .*\\n");
    }

    @Test
    void run_defect_showsNoTraceUnlessAsked() {
        CommandRun answer = CommandRun.with(List.of(new Broken()), "broken");
        assertThat(answer.code()).isEqualTo(ExitCode.DEFECT.code());
        assertThat(answer.err()).matches("bulla: defect: .*two\\n");
    }

    @Test
    void run_standardOutputClosed_isNoSuccess() {
        PrintStream out = System.out;
        try {
            System.setOut(new PrintStream(new OutputStream() {
                @Override
                public void write(int b) throws IOException {
                    throw new IOException("no room");
                }
            }));
            assertThat(Main.run(
                            new String[] {
                                "images", "--store", folder.resolve("none").toString()
                            },
                            List.of()))
                    .isEqualTo(ExitCode.STORE.code());
        } finally {
            System.setOut(out);
        }
    }

    @Test
    void pull_withoutPolicy_isRefused() {
        CommandRun answer =
                CommandRun.of("pull", "--store", folder.resolve("store").toString(), "oci:" + folder);
        assertThat(answer.code()).isEqualTo(ExitCode.POLICY.code());
        assertThat(answer.err()).contains("no policy").doesNotContain("\tat ");
        assertThat(folder.resolve("store")).doesNotExist();
    }

    @Test
    void pull_withUnreadablePolicy_isRefused() {
        CommandRun answer =
                CommandRun.of("pull", "--policy", folder.resolve("none.json").toString(), "oci:" + folder);
        assertThat(answer.code()).isEqualTo(ExitCode.POLICY.code());
    }

    @Test
    void pull_withMalformedPolicy_namesThePath() throws Exception {
        Path policy = Files.writeString(folder.resolve("policy.json"), "{\"default\":[{\"type\":\"reject\",\"x\":1}]}");
        CommandRun answer = CommandRun.of("pull", "--policy", policy.toString(), "oci:" + folder);
        assertThat(answer.code()).isEqualTo(ExitCode.POLICY.code());
        assertThat(answer.err()).contains("$.default[0]");
    }

    @Test
    void pull_withoutTheKeyOrCredentialFile_isRefusedAsUsage() throws Exception {
        Path policy = Files.writeString(folder.resolve("policy.json"), "{\"default\":[{\"type\":\"reject\"}]}");
        String none = folder.resolve("none").toString();
        for (String option : new String[] {"--decryption-key", "--authfile"}) {
            CommandRun answer = CommandRun.of("pull", "--policy", policy.toString(), option, none, "oci:" + folder);
            assertThat(answer.code()).as(answer.err()).isEqualTo(ExitCode.USAGE.code());
            assertThat(answer.err()).contains(option, none).matches("bulla: .*\\n");
        }
    }

    @Test
    void images_ofNoStore_areNone() {
        CommandRun answer =
                CommandRun.of("images", "--store", folder.resolve("none").toString(), "--output", "json");
        assertThat(answer.code()).isZero();
        assertThat(answer.out()).isEqualTo("{\"images\":[]}\n");
    }

    @Test
    void inspect_ofUnknownImage_saysWhereToLook() {
        CommandRun answer =
                CommandRun.of("inspect", "--store", folder.resolve("none").toString(), "a");
        assertThat(answer.code()).isEqualTo(ExitCode.STORE.code());
        assertThat(answer.err()).contains("bulla images");
    }

    @Test
    void mkcomposefs_fromDump_writesWhatComposefsInfoReads() throws Exception {
        Path dump = Files.writeString(
                folder.resolve("a.dump"), "/ 0 40755 2 0 0 0 0.0 - - -\n/a 1 100644 1 0 0 0 0.0 - x -\n");
        Path image = folder.resolve("a.erofs");
        assertThat(CommandRun.of("mkcomposefs", "--min-version=1", "--from-file", dump.toString(), image.toString())
                        .code())
                .isZero();
        CommandRun info = CommandRun.of("composefs-info", "dump", image.toString());
        assertThat(info.code()).as(info.err()).isZero();
        assertThat(info.out()).contains("/a 1 100644 1 0 0 0 0.0 - x -");
    }

    @ParameterizedTest
    @ValueSource(strings = {"mkcomposefs", "composefs-info", "composefs-dump"})
    void help_ofTheCTools_isTheirUsage(String tool) {
        CommandRun run = CommandRun.of(tool, "--help");
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("usage: " + tool);
    }

    @Test
    void mkcomposefs_withoutInput_failsAsTheCToolDoes() {
        CommandRun run = CommandRun.of(
                "mkcomposefs", "--from-file", folder.resolve("none").toString(), "out");
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).isNotBlank();
    }
}
