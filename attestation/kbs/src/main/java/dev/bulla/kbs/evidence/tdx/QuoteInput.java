package dev.bulla.kbs.evidence.tdx;

import dev.bulla.kbs.evidence.EvidenceException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Little-endian input that ends where it says; every read names what it reads. */
final class QuoteInput {
    private final ByteBuffer in;

    QuoteInput(byte[] bytes) {
        this.in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    byte[] take(long count, String what) throws EvidenceException {
        need(count, what);
        byte[] taken = new byte[(int) count];
        in.get(taken);
        return taken;
    }

    int u16(String what) throws EvidenceException {
        need(2, what);
        return Short.toUnsignedInt(in.getShort());
    }

    long u32(String what) throws EvidenceException {
        need(4, what);
        return Integer.toUnsignedLong(in.getInt());
    }

    int position() {
        return in.position();
    }

    int remaining() {
        return in.remaining();
    }

    /** Refuses what is left over. */
    void end(String what) throws EvidenceException {
        if (in.hasRemaining()) {
            throw new EvidenceException("TDX quote: " + in.remaining() + " bytes left over in " + what);
        }
    }

    private void need(long count, String what) throws EvidenceException {
        if (in.remaining() < count) {
            throw new EvidenceException(
                    "TDX quote: truncated in " + what + ": " + in.remaining() + " bytes left, expected " + count);
        }
    }
}
