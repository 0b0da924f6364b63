package dev.bulla.composefs;

import java.io.IOException;
import java.io.OutputStream;

/** A stream that lets a digester see what goes by. Closing it leaves the stream below open. */
final class MeasuredOutput extends OutputStream {
    private final OutputStream out;
    private final FsVerityDigester digester;

    MeasuredOutput(OutputStream out, FsVerityDigester digester) {
        this.out = out;
        this.digester = digester;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        out.write(bytes, offset, length);
        digester.update(bytes, offset, length);
    }

    @Override
    public void flush() throws IOException {
        out.flush();
    }
}
