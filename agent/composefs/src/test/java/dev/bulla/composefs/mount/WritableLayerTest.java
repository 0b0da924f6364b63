package dev.bulla.composefs.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.linux.LinuxException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WritableLayerTest {
    @TempDir
    private Path folder = Path.of("set by the test engine");

    @Test
    void prepare_rootThatCannotBeCopied_leavesNoUpperFolderWithoutItsMetadata() {
        WritableLayer layer = new WritableLayer(folder.resolve("upper"), folder.resolve("work"));
        assertThatThrownBy(() -> layer.prepare(folder.resolve("none"))).isInstanceOf(LinuxException.class);
        assertThat(layer.upper()).doesNotExist();
    }
}
