package dev.bulla.oci;

import java.io.InvalidObjectException;
import java.io.NotSerializableException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.util.Arrays;
import javax.crypto.SecretKey;

/**
 * A 256-bit AES key: of a layer, of what wraps layers' keys, of records. Not for several threads.
 *
 * <p><b>Security.</b> Redacts itself, is wiped by {@link #close}, cannot be serialized, and never becomes a {@code String}.
 */
public final class SymmetricKey implements SecretKey, AutoCloseable {
    private static final long serialVersionUID = 1L;

    /** The key's length in bytes. */
    public static final int LENGTH = 32;

    private final transient byte[] bytes;
    private transient boolean closed;

    /** Takes the array over: it is wiped with the key. */
    public SymmetricKey(byte[] bytes) {
        if (bytes.length != LENGTH) {
            throw new IllegalArgumentException("a key of " + bytes.length + " bytes, expected " + LENGTH);
        }
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
        return closed ? "SymmetricKey[wiped]" : "SymmetricKey[redacted]";
    }

    private void writeObject(ObjectOutputStream out) throws NotSerializableException {
        throw new NotSerializableException("a key");
    }

    private void readObject(ObjectInputStream in) throws InvalidObjectException {
        throw new InvalidObjectException("a key");
    }
}
