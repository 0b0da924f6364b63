package dev.bulla.guest.layer;

import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.stream.SplitStreamWriter;
import java.io.IOException;

/** Writes what it hears as a splitstream. */
record StreamSink(SplitStreamWriter writer) implements ArchiveSink {
    @Override
    public void inline(byte[] bytes, int offset, int length) throws IOException {
        writer.inline(bytes, offset, length);
    }

    @Override
    public void external(VerityDigest object, long length) throws IOException {
        writer.external(object, length);
    }
}
