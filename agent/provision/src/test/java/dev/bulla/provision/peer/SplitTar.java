package dev.bulla.provision.peer;

import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.composefs.store.StagedFile;
import dev.bulla.composefs.store.StagedObject;
import dev.bulla.composefs.store.Staging;
import dev.bulla.composefs.stream.ContentType;
import dev.bulla.composefs.stream.SplitStreamWriter;
import dev.bulla.oci.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** A tar that is written as a layer's stream and as bytes at once: bodies of more than 64 bytes are objects. */
final class SplitTar implements AutoCloseable {
    static final int LARGEST_INLINE = 64;

    private static final int BLOCK = 512;

    private final ObjectStore store;
    private final Staging staging;
    private final SplitStreamWriter stream;
    private final ByteArrayOutputStream tar = new ByteArrayOutputStream();
    private final List<StagedObject> objects = new ArrayList<>();

    SplitTar(ObjectStore store, Staging staging) throws IOException {
        this.store = store;
        this.staging = staging;
        this.stream = SplitStreamWriter.create(store, staging.folder(), ContentType.LAYER);
    }

    void folder(String name) throws IOException {
        header(name + "/", '5', 0755, 0, "");
    }

    void symlink(String name, String target) throws IOException {
        header(name, '2', 0777, 0, target);
    }

    void file(String name, byte[] content) throws IOException {
        header(name, '0', 0644, content.length, "");
        if (content.length > LARGEST_INLINE) {
            try (StagedFile file = store.stage(staging.folder())) {
                file.write(content);
                StagedObject object = file.finish();
                objects.add(object);
                stream.external(object.digest(), object.size());
                tar.write(content);
            }
        } else {
            inline(content);
        }
        inline(new byte[Math.floorMod(-content.length, BLOCK)]);
    }

    private void header(String name, char type, int mode, int size, String target) throws IOException {
        byte[] header = new byte[BLOCK];
        put(header, 0, name);
        put(header, 100, String.format(Locale.ROOT, "%07o", mode));
        put(header, 108, "0000000");
        put(header, 116, "0000000");
        put(header, 124, String.format(Locale.ROOT, "%011o", size));
        put(header, 136, "14524622400");
        put(header, 148, "        ");
        header[156] = (byte) type;
        put(header, 157, target);
        put(header, 257, "ustar\00000");
        int sum = 0;
        for (byte b : header) {
            sum += b & 0xff;
        }
        put(header, 148, String.format(Locale.ROOT, "%06o\0 ", sum));
        inline(header);
    }

    private static void put(byte[] header, int at, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, header, at, bytes.length);
    }

    private void inline(byte[] bytes) throws IOException {
        stream.inline(bytes, 0, bytes.length);
        tar.write(bytes);
    }

    /** Ends the tar, publishes its objects, and gives its stream. */
    StagedObject finish() throws IOException {
        inline(new byte[2 * BLOCK]);
        store.publish(objects);
        return stream.finish();
    }

    /** The digest of the tar. */
    Digest diffId() {
        return Digest.Algorithm.SHA256.of(tar.toByteArray());
    }

    byte[] bytes() {
        return Arrays.copyOf(tar.toByteArray(), tar.size());
    }

    @Override
    public void close() throws IOException {
        stream.close();
    }
}
