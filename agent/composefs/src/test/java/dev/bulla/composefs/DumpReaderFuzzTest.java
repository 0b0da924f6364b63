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
        Directory again = new DumpReader(true).read(new ByteArrayInputStream(dump));
        assertThat(ErofsImageReaderTest.image(again)).isEqualTo(ErofsImageReaderTest.image(tree));
    }
}
