package dev.bulla.guest.export;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;

/**
 * Writes a layer's tar.
 *
 * <p><b>Security.</b> A file gets its name only when its bytes had the diff_id. A stream cannot be taken back: its last bytes,
 * up to {@value #WITHHELD} of them, are withheld until the diff_id agreed, so that what was written before is a cut-off
 * archive where it did not.
 */
public final class LayerExport {
    /** How many bytes of a stream wait for the verdict. */
    static final int WITHHELD = 1 << 16;

    private LayerExport() {}

    /** Writes a file, in place of the one that has its name. */
    public static void toFile(StoredLayer layer, Path file) throws IOException {
        try (ReplacedFile replaced = ReplacedFile.create(file);
                InputStream in = layer.open()) {
            in.transferTo(replaced.out());
            replaced.commit();
        }
    }

    /** Writes to a stream, which is flushed and stays open. */
    public static void toStream(StoredLayer layer, OutputStream out) throws IOException {
        try (InputStream in = layer.open()) {
            byte[] waiting = in.readNBytes(WITHHELD);
            while (waiting.length == WITHHELD) {
                byte[] next = in.readNBytes(WITHHELD); // fewer than asked for are the last, the verdict on them passed
                out.write(waiting);
                waiting = next;
            }
            out.write(waiting);
        }
        out.flush();
    }
}
