package dev.bulla.composefs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.Directory;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** A tree, its dump and its image say the same. */
class RoundTripTest {
    @Provide
    Arbitrary<Directory> trees() {
        return TreeArbitraries.trees();
    }

    @Provide
    Arbitrary<Directory> treesOfV2() {
        return TreeArbitraries.treesOfV2();
    }

    @Property(tries = 150)
    void tree_toDumpAndBack_isTheSame(@ForAll("trees") Directory tree) throws IOException {
        byte[] dump = ErofsImageReaderTest.dump(tree);
        Directory again = new DumpReader(true).read(new ByteArrayInputStream(dump));
        assertThat(ErofsImageReaderTest.dump(again)).isEqualTo(dump);
        assertThat(ErofsImageReaderTest.image(again)).isEqualTo(ErofsImageReaderTest.image(tree));
    }

    /** The C tool's order: a directory before what is in it, names as unsigned bytes. */
    @Property(tries = 150)
    void tree_toDump_isInDepthFirstOrderOfNames(@ForAll("trees") Directory tree) throws IOException {
        List<List<ByteString>> paths = new ArrayList<>();
        for (String line : new String(ErofsImageReaderTest.dump(tree), StandardCharsets.ISO_8859_1).split("\n", -1)) {
            if (!line.isEmpty()) {
                paths.add(Arrays.stream(line.substring(0, line.indexOf(' ')).split("/"))
                        .map(RoundTripTest::unescaped)
                        .toList());
            }
        }
        assertThat(paths).hasSizeGreaterThan(0).isSortedAccordingTo(RoundTripTest::compare);
        assertThat(paths).doesNotHaveDuplicates();
    }

    private static int compare(List<ByteString> a, List<ByteString> b) {
        for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
            int order = a.get(i).compareTo(b.get(i));
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(a.size(), b.size());
    }

    /** By the manual's rules, not by the reader's code. */
    private static ByteString unescaped(String field) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int i = 0;
        while (i < field.length()) {
            if (field.charAt(i) != '\\') {
                bytes.write(field.charAt(i));
                i++;
                continue;
            }
            char escape = field.charAt(i + 1);
            i += 2;
            switch (escape) {
                case 'n' -> bytes.write('\n');
                case 'r' -> bytes.write('\r');
                case 't' -> bytes.write('\t');
                case '\\' -> bytes.write('\\');
                case 'x' -> {
                    bytes.write(Integer.parseInt(field.substring(i, i + 2), 16));
                    i += 2;
                }
                default -> throw new AssertionError("escape in " + field);
            }
        }
        return ByteString.of(bytes.toByteArray());
    }

    @Property(tries = 150)
    void tree_toImageAndBack_isTheSame(@ForAll("trees") Directory tree) throws IOException {
        for (FormatVersion version : List.of(FormatVersion.V0, FormatVersion.V1)) {
            byte[] image = image(tree, version);
            Directory again = ErofsImageReader.read(image);
            assertThat(image(again, version)).isEqualTo(image);
        }
    }

    @Property(tries = 150)
    void tree_toV2ImageAndBack_isTheSame(@ForAll("treesOfV2") Directory tree) throws IOException {
        byte[] image = image(tree, FormatVersion.V2);
        Directory again = ErofsImageReader.read(image);
        assertThat(image(again, FormatVersion.V2)).isEqualTo(image);
    }

    private static byte[] image(Directory tree, FormatVersion version) throws IOException {
        ByteArrayOutputStream image = new ByteArrayOutputStream();
        ErofsImageWriter.write(tree, version, image);
        return image.toByteArray();
    }
}
