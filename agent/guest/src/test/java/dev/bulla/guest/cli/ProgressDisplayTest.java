package dev.bulla.guest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.guest.pull.PullProgress;
import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgressDisplayTest {
    private static final Descriptor LAYER =
            Descriptor.of("application/vnd.oci.image.layer.v1.tar", Digest.Algorithm.SHA256.of(new byte[0]), 2_000_000);

    private static String show(ProgressDisplay.Mode mode, boolean terminal) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
            PullProgress progress =
                    ProgressDisplay.of(mode, out, terminal, InstantSource.fixed(Instant.ofEpochSecond(1)));
            progress.step("fetching");
            progress.layers(List.of(LAYER));
            progress.layerRead(0, 1_000_000);
            progress.layerRead(0, 1_000_000);
            progress.layerDone(0);
            progress.end();
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void show_none_printsNothing() {
        assertThat(show(ProgressDisplay.Mode.none, true)).isEmpty();
    }

    @Test
    void show_plain_printsLinesOnly() {
        assertThat(show(ProgressDisplay.Mode.plain, true))
                .isEqualTo("bulla: fetching\nbulla: layer 1/1 e3b0c44298fc done, 2.0 MB\n");
    }

    @Test
    void show_autoWithoutTerminal_isPlain() {
        assertThat(show(ProgressDisplay.Mode.auto, false)).isEqualTo(show(ProgressDisplay.Mode.plain, false));
    }

    @Test
    void show_autoOnTerminal_drawsABar() {
        assertThat(show(ProgressDisplay.Mode.auto, true))
                .contains("[" + "-".repeat(30) + "] 0 B of 2.0 MB")
                .contains("[" + "#".repeat(30) + "] 2.0 MB of 2.0 MB");
    }
}
