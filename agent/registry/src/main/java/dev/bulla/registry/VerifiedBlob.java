package dev.bulla.registry;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.Objects;
import java.util.Optional;

/**
 * A blob's bytes, counted and hashed on the way: the read that completes them checks that nothing follows and that the
 * digest is the descriptor's, and throws instead of giving them.
 */
final class VerifiedBlob extends InputStream {
    private final InputStream in;
    private final Descriptor blob;
    private final String what;
    private final MessageDigest hash;
    private long left;
    private boolean verified;
    private Optional<ContentMismatchException> mismatch = Optional.empty();

    /**
     * @param in the bytes as they come
     * @param blob what they must be
     * @param what which blob and from where, for messages
     */
    VerifiedBlob(InputStream in, Descriptor blob, String what) {
        this.in = in;
        this.blob = blob;
        this.what = what;
        this.hash = blob.digest().algorithm().newMessageDigest();
        this.left = blob.size();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        if (mismatch.isPresent()) {
            throw mismatch.get();
        }
        if (length == 0) {
            return 0;
        }
        if (left == 0) {
            verify();
            return -1;
        }
        int count = in.read(bytes, offset, (int) Math.min(length, left));
        if (count < 0) {
            throw refuse(blob.size() - left + " bytes", blob.size() + " bytes");
        }
        hash.update(bytes, offset, count);
        left -= count;
        if (left == 0) {
            verify();
        }
        return count;
    }

    /** All bytes; the caller has bounded the descriptor's size. */
    byte[] readWhole() throws IOException {
        byte[] bytes = new byte[Math.toIntExact(blob.size())];
        int count = readNBytes(bytes, 0, bytes.length);
        if (count != bytes.length || read() >= 0) {
            throw new IllegalStateException("a verified stream gave another number of bytes than its descriptor");
        }
        return bytes;
    }

    private void verify() throws IOException {
        if (verified) {
            return;
        }
        if (in.read() >= 0) {
            throw refuse("more than " + blob.size() + " bytes", blob.size() + " bytes");
        }
        Digest digest = blob.digest().algorithm().fromBytes(hash.digest());
        if (!digest.equals(blob.digest())) {
            throw refuse(digest.toString(), blob.digest().toString());
        }
        verified = true;
    }

    private ContentMismatchException refuse(String got, String expected) {
        ContentMismatchException refusal = new ContentMismatchException(what, got, expected);
        mismatch = Optional.of(refusal);
        return refusal;
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
