package dev.bulla.composefs;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.composefs.tree.Directory;
import java.io.ByteArrayInputStream;
import java.io.IOException;

class DumpReaderFuzzTest {
    @FuzzTest(maxDuration = "60s")
    void read_anyBytes_refusesOrRoundTrips(byte[] bytes) throws IOException {
        Directory tree;
        try {
            tree = new DumpReader().read(new ByteArrayInputStream(bytes));
        } catch (DumpFormatException e) {
            assertThat(e.getMessage()).isNotEmpty().doesNotContain("\n");
            return;
        }
        byte[] dump = ErofsImageReaderTest.dump(tree);
        Directory again;
        try {
            again = new DumpReader(true).read(new ByteArrayInputStream(dump));
        } catch (DumpFormatException e) {
            // Escapes make xattrs longer than they are, up to four times: a dump, ours like the C tool's, has no room
            // for
            // all that an image has.
            assertThat(e.getMessage()).contains("too many xattrs");
            return;
        }
        assertThat(ErofsImageReaderTest.image(again)).isEqualTo(ErofsImageReaderTest.image(tree));
    }
}
