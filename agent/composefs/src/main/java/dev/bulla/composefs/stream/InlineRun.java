package dev.bulla.composefs.stream;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A run of bytes whose length must be known before they are written: kept in memory while it is short, in a file beyond.
 * Readers want a tar header, or the body of a small file, in one run.
 */
final class InlineRun implements Closeable {
    private static final int IN_MEMORY = 1 << 18;

    private final Path file;
    private byte[] bytes = new byte[1 << 12];
    private int used;
    private long spilled;
    private @Nullable OutputStream spill;

    /** @param file where a long run is kept; nothing is there */
    InlineRun(Path file) {
        this.file = file;
    }

    long length() {
        return spilled + used;
    }

    void append(byte[] from, int offset, int length) throws IOException {
        int at = offset;
        int left = length;
        while (left > 0) {
            if (used == IN_MEMORY) {
                spill();
            }
            int part = Math.min(left, IN_MEMORY - used);
            if (used + part > bytes.length) {
                byte[] larger = new byte[Math.min(IN_MEMORY, Math.max(2 * bytes.length, used + part))];
                System.arraycopy(bytes, 0, larger, 0, used);
                bytes = larger;
            }
            System.arraycopy(from, at, bytes, used, part);
            used += part;
            at += part;
            left -= part;
        }
    }

    private void spill() throws IOException {
        OutputStream out = spill;
        if (out == null) {
            out = Files.newOutputStream(file);
            spill = out;
        }
        out.write(bytes, 0, used);
        spilled += used;
        used = 0;
    }

    /** Writes the run, and is empty then. */
    void moveTo(OutputStream to) throws IOException {
        OutputStream out = spill;
        if (out != null) {
            spill = null;
            out.close();
            Files.copy(file, to);
            Files.delete(file);
            spilled = 0;
        }
        to.write(bytes, 0, used);
        used = 0;
    }

    @Override
    public void close() throws IOException {
        try (OutputStream out = spill) {
            spill = null;
            if (out != null) {
                Files.deleteIfExists(file);
            }
        }
    }
}
