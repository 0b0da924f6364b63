package dev.bulla.composefs.stream;

import static java.util.Objects.checkFromIndexSize;
import static java.util.Objects.requireNonNull;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.composefs.store.StagedFile;
import dev.bulla.composefs.store.StagedObject;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Writes a stream into staging.
 *
 * <p>Sections in the file: header, table, digests of other streams, digests of objects, names, body. Since the digests come
 * first and are known last, the body is compressed into a file of its own meanwhile. Memory grows with the number of
 * different objects alone. Closed without {@link #finish()}, nothing is left. Used by one thread.
 *
 * <p>The file's digest depends on the version of zstd: a stream is named by what it holds, never by its digest.
 */
public final class SplitStreamWriter implements Closeable {
    private final ObjectStore store;
    private final Path stagingFolder;
    private final ContentType contentType;
    private final Path bodyFile;
    private final ZstdOutputStreamNoFinalizer body;
    private final InlineRun run;
    private final ByteBuffer number = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final Map<VerityDigest, Integer> objects = new LinkedHashMap<>();
    private final Map<VerityDigest, Integer> streams = new LinkedHashMap<>();
    private final SortedMap<String, Integer> names = new TreeMap<>();
    private long size;

    private SplitStreamWriter(ObjectStore store, Path stagingFolder, ContentType contentType) throws IOException {
        this.store = store;
        this.stagingFolder = stagingFolder;
        this.contentType = requireNonNull(contentType, "contentType is null");
        String name = "stream-" + UUID.randomUUID();
        this.bodyFile = stagingFolder.resolve(name);
        this.run = new InlineRun(stagingFolder.resolve(name + "-run"));
        this.body = new ZstdOutputStreamNoFinalizer(new BufferedOutputStream(Files.newOutputStream(bodyFile), 1 << 16));
    }

    /**
     * Begins a stream.
     *
     * @param store whose hash function its references are of
     * @param stagingFolder where it is staged, as of {@link ObjectStore#stage}
     */
    public static SplitStreamWriter create(ObjectStore store, Path stagingFolder, ContentType contentType)
            throws IOException {
        return new SplitStreamWriter(store, stagingFolder, contentType);
    }

    /** Adds bytes that are kept in the stream itself. Those of calls that follow one another are one run. */
    public void inline(byte[] bytes, int offset, int length) throws IOException {
        checkFromIndexSize(offset, length, bytes.length);
        run.append(bytes, offset, length);
        size = Math.addExact(size, length);
    }

    /**
     * Adds all bytes of an object.
     *
     * @param object its digest
     * @param length how many bytes it has
     */
    public void external(VerityDigest object, long length) throws IOException {
        requireAlgorithm(object);
        if (length < 0) {
            throw new IllegalArgumentException("object of " + length + " bytes");
        }
        endRun();
        int index = objects.computeIfAbsent(object, o -> objects.size());
        writeNumber(index);
        size = Math.addExact(size, length);
    }

    /**
     * Names another stream, or an image, that this one keeps alive.
     *
     * @param name any text without NUL
     */
    public void stream(String name, VerityDigest digest) {
        requireAlgorithm(digest);
        if (name.indexOf(0) >= 0) {
            throw new IllegalArgumentException("name of a stream: a NUL in it");
        }
        names.put(name, streams.computeIfAbsent(digest, d -> streams.size()));
    }

    private void requireAlgorithm(VerityDigest digest) {
        if (digest.algorithm() != store.algorithm()) {
            throw new IllegalArgumentException(
                    "digest of " + digest.algorithm() + " in a stream of " + store.algorithm());
        }
    }

    private void endRun() throws IOException {
        if (run.length() > 0) {
            writeNumber(-run.length());
            run.moveTo(body);
        }
    }

    private void writeNumber(long value) throws IOException {
        body.write(number.putLong(0, value).array());
    }

    /** Ends the stream: a staged object, ready to be published. */
    public StagedObject finish() throws IOException {
        try (this) {
            endRun();
            body.close();
            int digestLength = store.algorithm().length();
            byte[] named = NamedReferences.encode(names);
            FileRange streamRange = FileRange.after(
                    SplitStreamHeader.HEADER + SplitStreamHeader.TABLE, (long) streams.size() * digestLength);
            FileRange objectRange = FileRange.after(streamRange.end(), (long) objects.size() * digestLength);
            FileRange nameRange = FileRange.after(objectRange.end(), named.length);
            FileRange bodyRange = FileRange.after(nameRange.end(), Files.size(bodyFile));
            SplitStreamHeader header =
                    new SplitStreamHeader(streamRange, objectRange, bodyRange, nameRange, contentType, size);
            VerityAlgorithm algorithm = store.algorithm();
            try (StagedFile file = store.stage(stagingFolder)) {
                file.write(header.encode(algorithm));
                for (VerityDigest stream : streams.keySet()) {
                    file.write(stream.bytes());
                }
                for (VerityDigest object : objects.keySet()) {
                    file.write(object.bytes());
                }
                file.write(named);
                Files.copy(bodyFile, file);
                return file.finish();
            }
        }
    }

    /** Deletes what was not finished. */
    @Override
    public void close() throws IOException {
        try (body;
                run) {
            Files.deleteIfExists(bodyFile);
        }
    }
}
