package dev.bulla.kbs;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.Semaphore;

/**
 * The memory that the bodies of requests may take together while they are read and answered.
 *
 * <p><b>Security.</b> Anybody can send a body, before anything is known of who it is, and as slowly as the limit of a request's
 * time lets it: without this, as many of the longest bodies as there may be connections would be in memory at once. What is
 * short, as a guest's challenge is, is always read.
 */
final class BodyBudget {
    /** How much of a body is read whatever others there are. */
    static final int FREE = 8 * 1024;

    /** By how much a body's share grows. */
    static final int CHUNK = 64 * 1024;

    /** The part of the memory there is. */
    private static final int OF_MEMORY = 4;

    private final Semaphore chunks;

    /** A budget of so many bytes. */
    BodyBudget(long length) {
        this.chunks = new Semaphore((int) Math.min(Integer.MAX_VALUE, length / CHUNK));
    }

    /** A part of the process's memory, and so much at least that one body of the longest is read. */
    static BodyBudget ofMemory(int longest) {
        return new BodyBudget(Math.max(Runtime.getRuntime().maxMemory() / OF_MEMORY, (long) longest + CHUNK));
    }

    /** A request's share of nothing so far; to be closed when the body is not needed any more. */
    Share share() {
        return new Share();
    }

    /** What one request takes. */
    final class Share implements AutoCloseable {
        private int taken;

        /**
         * Reads a body.
         *
         * @param most how many bytes are read at most
         * @throws KbsRefusal when the bodies of other requests leave no memory for it
         */
        byte[] read(InputStream in, int most) throws IOException, KbsRefusal {
            int free = Math.min(FREE, most);
            byte[] start = in.readNBytes(free);
            if (start.length < free || free == most) {
                return start;
            }
            ByteArrayOutputStream body = new ByteArrayOutputStream(CHUNK);
            body.writeBytes(start);
            while (body.size() < most) {
                if (!chunks.tryAcquire()) {
                    throw new KbsRefusal(
                            ErrorVariant.TOO_MANY_REQUESTS, "too many long bodies of requests at once, try again");
                }
                taken++;
                int length = Math.min(CHUNK, most - body.size());
                byte[] part = in.readNBytes(length);
                body.writeBytes(part);
                if (part.length < length) {
                    break;
                }
            }
            return body.toByteArray();
        }

        @Override
        public void close() {
            chunks.release(taken);
            taken = 0;
        }
    }
}
