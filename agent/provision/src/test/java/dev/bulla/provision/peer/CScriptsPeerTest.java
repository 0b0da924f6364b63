package dev.bulla.provision.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The C project's own test scripts, run against this program under the C tools' names. They are in a checkout of
 * composefs that the system property {@code bulla.composefs.checkout} or the environment's
 * {@code BULLA_COMPOSEFS_CHECKOUT} names; without one these tests are skipped.
 */
@Tag("peer")
class CScriptsPeerTest {
    @TempDir
    private Path folder = Path.of("set by the test engine");

    private Path tests = Path.of("set before each test");
    private Path tools = Path.of("set before each test");

    @BeforeEach
    void findScriptsAndMakeTools() throws IOException {
        String named = System.getProperty(
                "bulla.composefs.checkout", System.getenv().getOrDefault("BULLA_COMPOSEFS_CHECKOUT", ""));
        assumeTrue(!named.isEmpty(), "no checkout of composefs is named by bulla.composefs.checkout or its variable");
        tests = Path.of(named).resolve("tests").toAbsolutePath();
        assumeTrue(Files.isExecutable(tests.resolve("test-units.sh")), tests + " has no test-units.sh");
        tools = Files.createDirectories(folder.resolve("tools"));
        for (String tool : List.of("mkcomposefs", "composefs-info", "composefs-dump")) {
            Path script = Files.writeString(tools.resolve(tool), """
                    #!/bin/sh
                    LC_ALL=C.UTF-8 exec '%s/bin/java' -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -Xshare:auto \\
                      --enable-native-access=ALL-UNNAMED -cp '%s' dev.bulla.guest.cli.Main %s "$@"
                    """.formatted(
                            System.getProperty("java.home"), System.getProperty("java.class.path"), tool));
            Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
    }

    private ProgramRun script(String name, String... arguments) throws Exception {
        List<String> command =
                new ArrayList<>(List.of("bash", tests.resolve(name).toString(), tools.toString()));
        command.addAll(List.of(arguments));
        return ProgramRun.of(folder, Map.of("TMPDIR", folder.toString()), command)
                .succeeded();
    }

    private List<String> assets(String pattern) throws IOException {
        try (Stream<Path> files = Files.list(tests.resolve("assets"))) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.matches(pattern))
                    .sorted()
                    .toList();
        }
    }

    @TestFactory
    List<DynamicTest> checksums_ofEachAsset_match() throws IOException {
        List<DynamicTest> checks = new ArrayList<>();
        for (String asset : assets("(?!should-fail).*\\.dump(\\.gz)?")) {
            checks.add(DynamicTest.dynamicTest(
                    asset,
                    () -> assertThat(script(
                                            "test-checksums.sh",
                                            tests.resolve("assets").toString(),
                                            asset)
                                    .out())
                            .contains("ok " + asset)));
        }
        return checks;
    }

    @Test
    void shouldFail_eachAsset_exitsWithOne() throws Exception {
        List<String> files = assets("should-fail-.*\\.dump").stream()
                .map(name -> tests.resolve("assets").resolve(name).toString())
                .toList();
        assertThat(script("test-should-fail.sh", files.toArray(String[]::new))
                        .out()
                        .lines()
                        .filter(line -> line.startsWith("ok ")))
                .hasSameSizeAs(files)
                .isNotEmpty();
    }

    @Test
    void dumpFiltered_specialDump_isAsInC() throws Exception {
        assertThat(script("test-dump-filtered.sh", tests.resolve("assets").toString())
                        .out())
                .endsWith("ok\n");
    }

    @Test
    void units_all_areOk() throws Exception {
        assertThat(script("test-units.sh").out())
                .contains("test_inline: OK", "test_objects: OK")
                .doesNotContain("Failed");
    }
}
