package dev.bulla.guest.export;

import static java.util.Objects.checkFromIndexSize;

import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.guest.layer.TarPart;
import dev.bulla.guest.layer.TarParts;
import dev.bulla.oci.Digest;
import java.io.ByteArrayInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/**
 * A layer's tar, made of its delta.
 *
 * <p><b>Security.</b> Its bytes are proven at its end and not before: a read gives -1 only when all bytes together have the
 * layer's diff_id, and throws a {@link BrokenLayerException} otherwise.
 */
final class RebuiltLayer extends InputStream {
    private final ObjectStore store;
    private final Digest diffId;
    private final TarParts parts;
    private final Closeable source;
    private final MessageDigest hash;
    private InputStream part = InputStream.nullInputStream();
    private boolean ended;

    RebuiltLayer(ObjectStore store, Digest diffId, TarParts parts, Closeable source) {
        this.store = store;
        this.diffId = diffId;
        this.parts = parts;
        this.source = source;
        this.hash = diffId.algorithm().newMessageDigest();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        checkFromIndexSize(offset, length, into.length);
        if (length == 0) {
            return 0;
        }
        while (!ended) {
            int got = part.read(into, offset, length);
            if (got > 0) {
                hash.update(into, offset, got);
                return got;
            }
            part.close();
            part = InputStream.nullInputStream();
            next();
        }
        return -1;
    }

    private void next() throws IOException {
        switch (parts.next()) {
            case null -> {
                Digest got = diffId.algorithm().fromBytes(hash.digest());
                if (!got.equals(diffId)) {
                    throw new BrokenLayerException(diffId, "its delta makes an archive of " + got);
                }
                ended = true;
            }
            case TarPart.Bytes bytes -> part = new ByteArrayInputStream(bytes.bytes());
            case TarPart.Body body ->
                part = store.stream(body.digest())
                        .orElseThrow(() ->
                                new BrokenLayerException(diffId, "object " + body.digest() + " is not in the store"));
        }
    }

    @Override
    public void close() throws IOException {
        try (source) {
            part.close();
        }
    }
}
