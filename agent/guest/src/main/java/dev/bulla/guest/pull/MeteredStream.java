package dev.bulla.guest.pull;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongConsumer;

/** A layer's blob on its way: tells how many bytes passed, and ends when the pull is given up. */
final class MeteredStream extends FilterInputStream {
    private static final int SKIPPED_AT_ONCE = 8192;

    private final LongConsumer passed;
    private final AtomicBoolean givenUp;

    MeteredStream(InputStream in, LongConsumer passed, AtomicBoolean givenUp) {
        super(in);
        this.passed = passed;
        this.givenUp = givenUp;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (givenUp.get()) {
            throw new InterruptedIOException("the pull was given up");
        }
        int count = super.read(into, offset, length);
        if (count > 0) {
            passed.accept(count);
        }
        return count;
    }

    @Override
    public long skip(long count) throws IOException {
        if (count <= 0) {
            return 0;
        }
        // Every byte is read and verified, so that none is skipped unseen; at the end nothing was skipped.
        return Math.max(0, read(new byte[(int) Math.min(count, SKIPPED_AT_ONCE)]));
    }

    @Override
    public boolean markSupported() {
        return false;
    }
}
