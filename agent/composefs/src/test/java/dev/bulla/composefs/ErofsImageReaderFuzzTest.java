package dev.bulla.composefs;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;

class ErofsImageReaderFuzzTest {
    @FuzzTest(maxDuration = "60s")
    void read_anyBytes_refusesOrReads(byte[] bytes) throws IOException {
        try {
            assertThat(ErofsImageReaderTest.dump(ErofsImageReader.read(bytes))).isNotEmpty();
        } catch (ImageFormatException e) {
            assertThat(e.getMessage()).isNotEmpty().doesNotContain("\n");
        }
    }
}
