package dev.bulla.guest.layer;

import java.io.IOException;
import java.io.OutputStream;

/** An archive as the tar reader takes it: whole blocks, bodies, and what fills them up, strictly forward. */
interface ArchiveBytes {
    /** Where in the archive the next byte stands. */
    long offset();

    /** The buffer that {@link #block} points into. */
    byte[] buffer();

    /**
     * Takes the next 512 bytes.
     *
     * @return where in {@link #buffer} they begin, valid until the next call of any method; -1 when the archive ends here
     */
    int block() throws IOException;

    /** Takes {@code length} bytes of the entry whose header stands at {@code header}. */
    byte[] bytes(int length, long header) throws IOException;

    /** Hands {@code length} bytes of the entry whose header stands at {@code header} on. */
    void transferTo(OutputStream out, long length, long header) throws IOException;

    /** Passes over {@code length} bytes of the entry whose header stands at {@code header}. */
    void skip(long length, long header) throws IOException;

    /**
     * Passes over the {@code length} bytes that fill an entry's last block up, or over fewer where the archive ends: nothing
     * of an entry is in them.
     */
    void skipPadding(int length) throws IOException;

    /** Takes all that is left, which must be zeros. */
    void onlyZerosLeft() throws IOException;
}
