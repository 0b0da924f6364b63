package dev.bulla.composefs.store;

import static java.util.Objects.checkFromIndexSize;

import dev.bulla.composefs.FsVerityDigester;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.linux.OpenFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** An object's bytes, hashed as they go by and compared at their end, unless the kernel has measured them. */
public final class VerifiedInput extends InputStream {
    private final OpenFile file;
    private final InputStream in;
    private final Path path;
    private final VerityDigest expected;
    private final long size;
    private @Nullable FsVerityDigester digester;

    VerifiedInput(OpenFile file, Path path, VerityDigest expected, long size, boolean measured) {
        this.file = file;
        this.in = file.inputStream();
        this.path = path;
        this.expected = expected;
        this.size = size;
        this.digester = measured ? null : new FsVerityDigester(expected.algorithm());
    }

    /** How many bytes its file had when it was opened; the bytes themselves are what is hashed. */
    public long size() {
        return size;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        checkFromIndexSize(offset, length, into.length);
        int got = in.read(into, offset, length);
        FsVerityDigester running = digester;
        if (running != null) {
            if (got > 0) {
                running.update(into, offset, got);
            } else if (got < 0) {
                digester = null;
                VerityDigest found = running.finish();
                if (!found.equals(expected)) {
                    throw new BrokenObjectException(path, expected, "fs-verity digest " + found);
                }
            }
        }
        return got;
    }

    @Override
    public void close() {
        file.close();
    }
}
