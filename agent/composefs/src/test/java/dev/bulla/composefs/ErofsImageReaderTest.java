package dev.bulla.composefs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.composefs.tree.Directory;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErofsImageReaderTest {
    private static final String SMALL = """
            / 0 40755 3 0 0 0 0.0 - - - security.selinux=label
            /device 0 20644 1 0 0 1283 0.0 - - -
            /dir 0 40755 2 0 0 0 0.0 - - -
            /dir/file 70000 100644 2 0 0 0 0.0 ab/cd - 37061ef2ac4c21bec68489b56138c5780306a4ad7fe6676236ecdf2c9027cd92
            /dir/gone 0 20000 1 0 0 0 0.0 - - -
            /dir/inline 5 100644 1 70000 0 0 7.8 - hello - user.a=b trusted.overlay.mine=x
            /dir/link 3 120777 1 0 0 0 0.0 a/b - -
            /fifo 0 10644 1 0 0 0 0.0 - - -
            /name 70000 @100644 2 0 0 0 0.0 /dir/file - -
            """;

    static byte[] image(String dump) throws IOException {
        return image(new DumpReader().read(new ByteArrayInputStream(dump.getBytes(StandardCharsets.UTF_8))));
    }

    static byte[] image(Directory root) throws IOException {
        ByteArrayOutputStream image = new ByteArrayOutputStream();
        ErofsImageWriter.write(root, FormatVersion.V1, image);
        return image.toByteArray();
    }

    static byte[] dump(Directory root) throws IOException {
        ByteArrayOutputStream dump = new ByteArrayOutputStream();
        DumpWriter.write(root, dump);
        return dump.toByteArray();
    }

    @TestFactory
    List<DynamicTest> read_conformanceImage_dumpGivesTheSameImage() throws IOException {
        Path folder = Conformance.folder();
        List<DynamicTest> tests = new ArrayList<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(p -> p.toString().matches(".*\\.dump(\\.gz)?"))
                    .filter(p -> !p.toString().contains("should-fail")
                            && !p.toString().contains("dot-root"))
                    .sorted()
                    .toList()) {
                tests.add(DynamicTest.dynamicTest(folder.relativize(file).toString(), () -> {
                    byte[] image = image(new DumpReader().read(new ByteArrayInputStream(Conformance.read(file))));
                    byte[] dump = dump(ErofsImageReader.read(image));
                    byte[] again = image(new DumpReader(true).read(new ByteArrayInputStream(dump)));
                    assertThat(again).isEqualTo(image);
                }));
            }
        }
        return tests;
    }

    @Test
    void read_ownImage_dumpShowsTheTree() throws IOException {
        String dump = new String(dump(ErofsImageReader.read(image(SMALL))), StandardCharsets.UTF_8);
        assertThat(dump)
                .startsWith("/ 4096 40755 3 0 0 0 0.0 - - - security.selinux=label\n")
                .contains("/device 0 20644 1 0 0 1283 0.0 - - -\n")
                .contains("/dir/gone 0 20000 1 0 0 0 0.0 - - -\n")
                .contains("/dir/inline 5 100644 1 70000 0 0 7.8 - hello - trusted.overlay.mine=x user.a=b\n")
                .contains("/name 70000 @100644 2 0 0 0 0.0 /dir/file - 37061ef2")
                .doesNotContain("/00 ");
    }

    @Test
    void read_file_isAsFromMemory(@TempDir Path folder) throws IOException {
        byte[] bytes = image(SMALL);
        Path file = Files.write(folder.resolve("image"), bytes);
        assertThat(dump(ErofsImageReader.read(file))).isEqualTo(dump(ErofsImageReader.read(bytes)));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "composefs magic, 0, 1",
        "composefs header version, 4, 2",
        "composefs flags, 8, 2",
        "composefs format version, 12, 3",
        "EROFS magic, 1024, 1",
        "EROFS checksum, 1028, 1",
        "EROFS compatible features, 1032, 8",
        "EROFS incompatible features, 1104, 4",
        "EROFS block bits, 1036, 13",
        "EROFS metadata block, 1064, 1",
        "EROFS of, 1060, 1",
        "EROFS field at 1108, 1108, 1"
    })
    void read_headerWithOtherValue_isRefused(String reason, int offset, int value) throws IOException {
        byte[] image = image(SMALL);
        ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN).putInt(offset, value);
        assertThatThrownBy(() -> ErofsImageReader.read(image))
                .isInstanceOf(ImageFormatException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void read_truncatedAnywhere_isRefused() throws IOException {
        byte[] image = image(SMALL);
        for (int length = 0; length < image.length; length += 97) {
            byte[] part = Arrays.copyOf(image, length);
            assertThatThrownBy(() -> ErofsImageReader.read(part)).isInstanceOf(ImageFormatException.class);
        }
    }

    @Test
    void read_anyByteChanged_refusesOrReads() throws IOException {
        byte[] image = image(SMALL);
        int end = 1152 + 4096;
        for (int at = 0; at < Math.min(end, image.length); at++) {
            byte[] changed = image.clone();
            changed[at] ^= (byte) 0xa5;
            try {
                assertThat(ErofsImageReader.read(changed)).isNotNull();
            } catch (ImageFormatException e) {
                assertThat(e.getMessage()).isNotEmpty().doesNotContain("\n");
            }
        }
    }
}
