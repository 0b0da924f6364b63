package dev.bulla.attestation.client.evidence.tpm;

import dev.bulla.attestation.client.EvidenceUnavailableException;
import java.nio.ByteBuffer;

/** Reads a TPM's structures: big-endian, bounded by what is there. */
final class TpmReader {
    private final String what;
    private final ByteBuffer in;

    TpmReader(String what, byte[] bytes) {
        this.what = what;
        this.in = ByteBuffer.wrap(bytes);
    }

    int u8() throws EvidenceUnavailableException {
        require(1);
        return Byte.toUnsignedInt(in.get());
    }

    int u16() throws EvidenceUnavailableException {
        require(2);
        return Short.toUnsignedInt(in.getShort());
    }

    int u32() throws EvidenceUnavailableException {
        require(4);
        return in.getInt();
    }

    /** A number of things of which each takes some bytes, so that it cannot be larger than what is left. */
    int count() throws EvidenceUnavailableException {
        int count = u32();
        if (count < 0 || count > in.remaining()) {
            throw refuse("count " + Integer.toUnsignedString(count) + " is beyond its end");
        }
        return count;
    }

    byte[] bytes(int length) throws EvidenceUnavailableException {
        require(length);
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }

    /** A TPM2B. */
    byte[] sized() throws EvidenceUnavailableException {
        return bytes(u16());
    }

    void skip(int length) throws EvidenceUnavailableException {
        require(length);
        in.position(in.position() + length);
    }

    int position() {
        return in.position();
    }

    byte[] rest() {
        byte[] bytes = new byte[in.remaining()];
        in.get(bytes);
        return bytes;
    }

    void end() throws EvidenceUnavailableException {
        if (in.hasRemaining()) {
            throw refuse(in.remaining() + " bytes too many");
        }
    }

    EvidenceUnavailableException refuse(String problem) {
        return new EvidenceUnavailableException("tpm: " + what + ", byte " + in.position() + ": " + problem);
    }

    private void require(int length) throws EvidenceUnavailableException {
        if (length < 0 || length > in.remaining()) {
            throw refuse(length + " bytes are missing");
        }
    }
}
