package dev.bulla.composefs.stream;

import com.github.luben.zstd.Zstd;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The bytes of a stream's file, made by hand, so that any of them can be wrong. */
public final class StreamFile {
    private final VerityAlgorithm algorithm;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private final ByteArrayOutputStream streams = new ByteArrayOutputStream();
    private final ByteArrayOutputStream objects = new ByteArrayOutputStream();
    private final StringBuilder names = new StringBuilder();
    private ContentType type = ContentType.LAYER;
    private long size;

    public StreamFile(VerityAlgorithm algorithm) {
        this.algorithm = algorithm;
    }

    public StreamFile type(ContentType replacement) {
        type = replacement;
        return this;
    }

    public StreamFile size(long replacement) {
        size = replacement;
        return this;
    }

    public StreamFile number(long number) {
        body.writeBytes(ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(number)
                .array());
        return this;
    }

    public StreamFile raw(String bytes) {
        body.writeBytes(bytes.getBytes(StandardCharsets.ISO_8859_1));
        return this;
    }

    public StreamFile inline(String bytes) {
        size += bytes.length();
        return number(-bytes.length()).raw(bytes);
    }

    public StreamFile object(VerityDigest digest) {
        objects.writeBytes(digest.bytes());
        return this;
    }

    public StreamFile stream(VerityDigest digest) {
        streams.writeBytes(digest.bytes());
        return this;
    }

    public StreamFile names(String text) {
        names.append(text);
        return this;
    }

    /** The file. */
    public byte[] bytes() throws IOException {
        return bytes(
                Zstd.compress(body.toByteArray()),
                Zstd.compress(names.toString().getBytes(StandardCharsets.UTF_8)));
    }

    byte[] bytes(byte[] bodySection, byte[] nameSection) throws IOException {
        FileRange streamRange = FileRange.after(112, streams.size());
        FileRange objectRange = FileRange.after(streamRange.end(), objects.size());
        FileRange nameRange = FileRange.after(objectRange.end(), nameSection.length);
        FileRange bodyRange = FileRange.after(nameRange.end(), bodySection.length);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(
                new SplitStreamHeader(streamRange, objectRange, bodyRange, nameRange, type, size).encode(algorithm));
        streams.writeTo(out);
        objects.writeTo(out);
        out.writeBytes(nameSection);
        out.writeBytes(bodySection);
        return out.toByteArray();
    }

    /** The same file under the header of bootc up to 1.15. */
    public static byte[] old(byte[] file) {
        byte[] old = file.clone();
        System.arraycopy(file, 16, old, 0, 16); // where the table is
        System.arraycopy(file, 12, old, 16, 2); // flags
        System.arraycopy(file, 0, old, 18, 11); // magic
        old[29] = file[11]; // version
        System.arraycopy(file, 14, old, 30, 2); // algorithm, block size
        return old;
    }

    /** The same file with a number of eight bytes in another's place. */
    static byte[] with(byte[] file, int at, long number) {
        byte[] changed = Arrays.copyOf(file, file.length);
        ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putLong(at, number);
        return changed;
    }
}
