package dev.bulla.composefs.stream;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.composefs.VerityAlgorithm;
import java.io.IOException;

class SplitStreamReaderFuzzTest {
    private static final SplitStreamLimits LIMITS = new SplitStreamLimits(1 << 20, 1 << 10, 1 << 16, 1 << 12);

    @FuzzTest(maxDuration = "60s")
    void read_anyBytes_refusesOrEnds(byte[] bytes) throws IOException {
        read(bytes, VerityAlgorithm.SHA256_4K);
        read(bytes, VerityAlgorithm.SHA512_4K);
    }

    private static void read(byte[] bytes, VerityAlgorithm algorithm) throws IOException {
        try (SplitStreamReader reader = SplitStreamReader.open(bytes, algorithm, LIMITS)) {
            long inline = 0;
            for (Part part = reader.next(); part != null; part = reader.next()) {
                switch (part) {
                    case Part.Inline piece -> {
                        assertThat(piece.bytes()).isNotEmpty();
                        inline += piece.bytes().length;
                    }
                    case Part.External external ->
                        assertThat(reader.objectReferences()).contains(external.object());
                }
                assertThat(inline).isLessThanOrEqualTo(reader.size());
            }
            assertThat(reader.size()).isLessThanOrEqualTo(LIMITS.size());
        } catch (SplitStreamException e) {
            assertThat(e.getMessage()).isNotEmpty().doesNotContain("\n");
        }
    }
}
