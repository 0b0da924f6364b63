package dev.bulla.composefs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.composefs.tree.Directory;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
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
