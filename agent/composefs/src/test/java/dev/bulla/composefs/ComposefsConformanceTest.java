package dev.bulla.composefs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.oci.Digest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Runs every row of {@code composefs/digests.tsv}: the dump goes in by standard input, the image comes out by standard
 * output. Rows of a format that is not built are counted as skipped.
 */
class ComposefsConformanceTest {
    private static final String TABLE = "digests.tsv";

    /** A row by the names of its columns. */
    private record Row(Map<String, String> fields) {
        String get(String column) {
            return fields.getOrDefault(column, "");
        }

        String name() {
            return get("file") + " [" + get("options") + "]" + (isStrict() ? " strict" : "");
        }

        boolean isStrict() {
            return get("CFS_PARSE_STRICT").equals("1");
        }

        /** The words for the command; none where the row names a format that is not built. */
        Optional<List<String>> arguments() {
            return switch (get("options")) {
                case "" -> Optional.of(List.of());
                case "V2" -> Optional.of(List.of("--format", "v2"));
                case "V0" -> Optional.of(List.of("--min-version=0", "--max-version=0"));
                case "V1" -> Optional.of(List.of("--min-version=1", "--max-version=1"));
                case String options when options.startsWith("--") -> Optional.of(Arrays.asList(options.split(" +")));
                default -> Optional.empty();
            };
        }
    }

    @TestFactory
    List<DynamicTest> mkcomposefs_row_givesTheExpectedImage() throws IOException {
        Path folder = Conformance.folder();
        List<Row> rows = rows(folder.resolve(TABLE));
        List<DynamicTest> tests = new ArrayList<>();
        int[] ran = new int[1];
        for (Row row : rows) {
            row.arguments()
                    .ifPresent(arguments -> tests.add(DynamicTest.dynamicTest(row.name(), () -> {
                        ran[0]++;
                        check(folder, row, arguments);
                    })));
        }
        int skipped = rows.size() - tests.size();
        tests.add(DynamicTest.dynamicTest("summary", () -> {
            assertThat(ran[0]).isEqualTo(rows.size() - skipped);
            System.out.printf("ran %d, skipped %d, of %d%n", ran[0], skipped, rows.size());
        }));
        return tests;
    }

    private static List<Row> rows(Path table) throws IOException {
        List<String> lines = Files.readAllLines(table);
        String[] columns = lines.getFirst().split("\t", -1);
        List<Row> rows = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            if (line.isBlank()) {
                continue;
            }
            String[] values = line.split("\t", -1);
            Map<String, String> fields = new HashMap<>();
            for (int i = 0; i < Math.min(columns.length, values.length); i++) {
                fields.put(columns[i], values[i].strip());
            }
            rows.add(new Row(fields));
        }
        return rows;
    }

    private static void check(Path folder, Row row, List<String> arguments) {
        List<String> words = new ArrayList<>(List.of("--from-file"));
        words.addAll(arguments);
        words.addAll(List.of("-", "-"));
        ByteArrayOutputStream image = new ByteArrayOutputStream();
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        int exit = MkComposefs.run(
                words.toArray(String[]::new),
                row.isStrict() ? Map.of("CFS_PARSE_STRICT", "1") : Map.of(),
                new ByteArrayInputStream(Conformance.read(folder.resolve(row.get("file")))),
                new PrintStream(image, false, StandardCharsets.UTF_8),
                new PrintStream(errors, true, StandardCharsets.UTF_8));
        String reason = errors.toString(StandardCharsets.UTF_8);
        assertThat(exit).as("exit code (%s)", reason).isEqualTo(Integer.parseInt(row.get("exit")));
        if (exit != 0) {
            assertThat(reason).as("one line of reason").matches("mkcomposefs: [^\n]+\n");
            assertThat(image.size()).as("bytes of image written").isZero();
            return;
        }
        byte[] bytes = image.toByteArray();
        if (!row.get("image_bytes").isEmpty()) {
            assertThat(bytes.length).as("size").isEqualTo(Integer.parseInt(row.get("image_bytes")));
        }
        String sha256 = Digest.Algorithm.SHA256.of(bytes).hex();
        for (String column : List.of("image_sha256", "expected_sha256")) {
            if (!row.get(column).isEmpty()) {
                assertThat(sha256).as(column).isEqualTo(row.get(column));
            }
        }
        if (!row.get("fsverity_sha256").isEmpty()) {
            assertThat(FsVerityDigester.of(VerityAlgorithm.SHA256_4K, bytes).hex())
                    .as("fs-verity digest")
                    .isEqualTo(row.get("fsverity_sha256"));
        }
    }
}
