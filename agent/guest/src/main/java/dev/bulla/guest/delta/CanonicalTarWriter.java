package dev.bulla.guest.delta;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.composefs.tree.FileContent;
import dev.bulla.composefs.tree.Metadata;
import dev.bulla.composefs.tree.Node;
import dev.bulla.composefs.tree.RegularFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;

/** Writes a tar archive in canonical form: the same entries make the same bytes. All is root's, and of 1970. */
public final class CanonicalTarWriter {
    private static final int BUFFER = 1 << 16;
    private static final int END = 1024;

    private final OutputStream out;

    /** An archive that is written to a stream, which is not closed. */
    public CanonicalTarWriter(OutputStream out) {
        this.out = requireNonNull(out, "out is null");
    }

    /** Adds a directory; its path without a slash at its end. */
    public void directory(String path) throws IOException {
        header(path, new Directory(Metadata.ofRoot(0755)));
    }

    /** Adds a file of these bytes. */
    public void file(String path, byte[] bytes) throws IOException {
        file(path, bytes.length, new ByteArrayInputStream(bytes));
    }

    /**
     * Adds a file.
     *
     * @param size how many bytes it has
     * @param content its bytes, read to the end and not closed
     * @throws IOException also when there are fewer or more bytes
     */
    public void file(String path, long size, InputStream content) throws IOException {
        FileContent described = size == 0
                ? new FileContent.Empty()
                : new FileContent.External(size, Optional.empty(), ByteString.EMPTY);
        header(path, new RegularFile(Metadata.ofRoot(0644), described));
        byte[] buffer = new byte[BUFFER];
        long written = 0;
        for (int got = content.read(buffer); got >= 0; got = content.read(buffer)) {
            written += got;
            if (written > size) {
                break;
            }
            out.write(buffer, 0, got);
        }
        if (written != size) {
            throw new IOException("archive entry " + path + ": got " + written + " bytes or more, expected " + size);
        }
        out.write(new byte[CanonicalHeaders.padding(size)]);
    }

    /** Ends the archive. */
    public void finish() throws IOException {
        out.write(new byte[END]);
    }

    private void header(String path, Node node) throws IOException {
        CanonicalHeaders headers = CanonicalHeaders.of(ByteString.EMPTY, ByteString.utf8(path), node, Optional.empty());
        out.write(headers.extension());
        out.write(headers.header());
    }
}
