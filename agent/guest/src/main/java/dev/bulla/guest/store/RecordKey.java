package dev.bulla.guest.store;

import java.io.InvalidObjectException;
import java.io.NotSerializableException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.Arrays;
import javax.crypto.SecretKey;

/**
 * A 256-bit key of records.
 *
 * <p><b>Security.</b> Redacts itself, is wiped by {@link #close}, cannot be serialized, and never becomes a {@code String}.
 */
final class RecordKey implements SecretKey, AutoCloseable {
    private static final long serialVersionUID = 1L;

    static final int LENGTH = 32;

    private final transient byte[] bytes;
    private transient boolean closed;

    /** Takes the array over: it is wiped with the key. */
    RecordKey(byte[] bytes) {
        this.bytes = bytes;
    }

    @Override
    public String getAlgorithm() {
        return "AES";
    }

    @Override
    public String getFormat() {
        return "RAW";
    }

    @Override
    public byte[] getEncoded() {
        if (closed) {
            throw new IllegalStateException("the key is wiped");
        }
        return bytes.clone();
    }

    @Override
    public void destroy() {
        close();
    }

    @Override
    public boolean isDestroyed() {
        return closed;
    }

    @Override
    public void close() {
        closed = true;
        Arrays.fill(bytes, (byte) 0);
    }

    @Override
    public String toString() {
        return closed ? "RecordKey[wiped]" : "RecordKey[redacted]";
    }

    private void writeObject(ObjectOutputStream out) throws NotSerializableException {
        throw new NotSerializableException("a key");
    }

    private void readObject(ObjectInputStream in) throws InvalidObjectException {
        throw new InvalidObjectException("a key");
    }
}
