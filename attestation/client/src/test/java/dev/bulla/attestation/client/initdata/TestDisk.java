package dev.bulla.attestation.client.initdata;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;

/** Writes initdata disks. */
final class TestDisk {
    private static final int SECTOR = 512;

    private TestDisk() {}

    /** A disk of this text, filled up to whole sectors. */
    static byte[] of(byte[] text) {
        byte[] disk = unpadded(gzip(text));
        return Arrays.copyOf(disk, (disk.length + SECTOR - 1) / SECTOR * SECTOR);
    }

    static byte[] gzip(byte[] text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** Magic, length and this gzip file. */
    static byte[] unpadded(byte[] gzip) {
        return ByteBuffer.allocate(16 + gzip.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put("initdata".getBytes(StandardCharsets.US_ASCII))
                .putLong(gzip.length)
                .put(gzip)
                .array();
    }
}
