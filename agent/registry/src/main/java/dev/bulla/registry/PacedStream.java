package dev.bulla.registry;

import dev.bulla.oci.Quoted;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Objects;
import java.util.function.LongSupplier;

/**
 * A body from the network that must move: less than the least in a window of reading time is too slow. Failures are
 * named by where the body comes from.
 */
final class PacedStream extends InputStream {
    private final InputStream in;
    private final String place;
    private final Timeouts timeouts;
    private final LongSupplier nanoTime;
    private long windowNanos;
    private long windowBytes;
    private long total;

    PacedStream(InputStream in, String place, Timeouts timeouts, LongSupplier nanoTime) {
        this.in = in;
        this.place = place;
        this.timeouts = timeouts;
        this.nanoTime = nanoTime;
    }

    @Override
    public int read() throws RegistryException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws RegistryException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        long start = nanoTime.getAsLong();
        int count;
        try {
            count = in.read(bytes, offset, length);
        } catch (InterruptedIOException e) {
            throw new TooSlowException(
                    place + ": no byte for " + timeouts.answer().toMillis() + " ms after " + total + " bytes", e);
        } catch (IOException e) {
            throw new UnreachableException(
                    place + ": the connection broke after " + total + " bytes: "
                            + Quoted.text(String.valueOf(e.getMessage())),
                    e,
                    true);
        }
        if (count > 0) {
            total += count;
            windowBytes += count;
            windowNanos += nanoTime.getAsLong() - start;
            checkWindow();
        }
        return count;
    }

    private void checkWindow() throws TooSlowException {
        if (windowNanos < timeouts.window().toNanos()) {
            return;
        }
        if (windowBytes < timeouts.leastBytes()) {
            throw new TooSlowException(
                    place + ": got " + windowBytes + " bytes in " + windowNanos / 1_000_000 + " ms, expected at least "
                            + timeouts.leastBytes(),
                    null);
        }
        windowNanos = 0;
        windowBytes = 0;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
