package dev.bulla.kbs.evidence.tpm;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.bulla.kbs.evidence.EvidenceException;
import java.nio.ByteBuffer;

/** Reads a TPM structure from its beginning to its end. */
final class TpmReader {
    private final ByteBuffer rest;
    private final String what;

    TpmReader(byte[] bytes, String what) {
        this.rest = ByteBuffer.wrap(bytes);
        this.what = what;
    }

    int u8(String field) throws EvidenceException {
        return Byte.toUnsignedInt(need(1, field).get());
    }

    int u16(String field) throws EvidenceException {
        return Short.toUnsignedInt(need(2, field).getShort());
    }

    long u32(String field) throws EvidenceException {
        return Integer.toUnsignedLong(need(4, field).getInt());
    }

    long u64(String field) throws EvidenceException {
        return need(8, field).getLong();
    }

    byte[] bytes(int size, String field) throws EvidenceException {
        need(size, field);
        byte[] bytes = new byte[size];
        rest.get(bytes);
        return bytes;
    }

    /** Bytes after their size in two bytes. */
    byte[] sized(int most, String field) throws EvidenceException {
        int size = u16(field);
        if (size > most) {
            throw new EvidenceException(what + ": " + field + " of " + size + " bytes, expected at most " + most);
        }
        return bytes(size, field);
    }

    void end() throws EvidenceException {
        if (rest.hasRemaining()) {
            throw new EvidenceException(what + ": " + rest.remaining() + " bytes after its end");
        }
    }

    @CanIgnoreReturnValue
    private ByteBuffer need(int size, String field) throws EvidenceException {
        if (rest.remaining() < size) {
            throw new EvidenceException(what + ": it ends within " + field);
        }
        return rest;
    }
}
