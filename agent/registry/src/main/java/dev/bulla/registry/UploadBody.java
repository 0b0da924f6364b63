package dev.bulla.registry;

import dev.bulla.oci.Descriptor;
import java.io.IOException;
import java.io.InputStream;
import okhttp3.MediaType;
import okhttp3.RequestBody;
import okio.BufferedSink;

/** A blob on its way into a registry: exactly as many bytes as its descriptor says. */
final class UploadBody extends RequestBody {
    private static final int BUFFER = 64 << 10;

    private final Descriptor blob;
    private final BlobContent content;
    private final String what;

    UploadBody(Descriptor blob, BlobContent content, String what) {
        this.blob = blob;
        this.content = content;
        this.what = what;
    }

    @Override
    public MediaType contentType() {
        return MediaType.get("application/octet-stream");
    }

    @Override
    public long contentLength() {
        return blob.size();
    }

    @Override
    public void writeTo(BufferedSink sink) throws IOException {
        try (InputStream in = open()) {
            byte[] buffer = new byte[BUFFER];
            long left = blob.size();
            while (left > 0) {
                int count = read(in, buffer, (int) Math.min(buffer.length, left));
                if (count < 0) {
                    throw new UploadException(
                            new ContentMismatchException(what, blob.size() - left + " bytes", blob.size() + " bytes"));
                }
                sink.write(buffer, 0, count);
                left -= count;
            }
            if (read(in, buffer, 1) >= 0) {
                throw new UploadException(new ContentMismatchException(
                        what, "more than " + blob.size() + " bytes", blob.size() + " bytes"));
            }
        }
    }

    private InputStream open() throws UploadException {
        try {
            return content.open();
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private int read(InputStream in, byte[] buffer, int length) throws UploadException {
        try {
            return in.read(buffer, 0, length);
        } catch (IOException e) {
            throw unreadable(e);
        }
    }

    private UploadException unreadable(IOException e) {
        return new UploadException(
                e instanceof RegistryException ours
                        ? ours
                        : new UnreachableException(what + ": the content cannot be read: " + e.getMessage(), e));
    }
}
