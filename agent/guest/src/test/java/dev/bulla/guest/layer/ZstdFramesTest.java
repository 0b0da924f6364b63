package dev.bulla.guest.layer;

import static dev.bulla.guest.layer.GzipMembersTest.join;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import dev.bulla.oci.LayerMediaType.Compression;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ZstdFramesTest {
    private static final byte[] TEXT = "what a layer holds".getBytes(StandardCharsets.UTF_8);
    private static final byte[] SKIPPABLE = {0x5f, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3};

    private static byte[] read(byte[] compressed) throws IOException {
        try (InputStream in =
                DecompressedStream.open(new CountingSource(new ByteArrayInputStream(compressed)), Compression.ZSTD)) {
            return in.readAllBytes();
        }
    }

    private static void assertRefused(byte[] compressed, String problem) {
        assertThatExceptionOfType(CompressionFormatException.class)
                .isThrownBy(() -> read(compressed))
                .withMessageContaining("zstd")
                .withMessageContaining(problem);
    }

    private static byte[] zstd(byte[] bytes, int windowLog) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZstdOutputStreamNoFinalizer zstd = new ZstdOutputStreamNoFinalizer(out, 1)) {
            zstd.setChecksum(true);
            if (windowLog > 0) {
                zstd.setLong(windowLog);
            }
            zstd.write(bytes);
        }
        return out.toByteArray();
    }

    @Test
    void read_severalFrames_givesOneStream() throws IOException {
        assertThat(read(join(zstd(TEXT, 0), zstd(new byte[0], 0), Zstd.compress(TEXT))))
                .isEqualTo(join(TEXT, TEXT));
    }

    @Property(tries = 100)
    void read_anySplitIntoFrames_givesTheSame(
            @ForAll @Size(max = 5000) byte[] bytes, @ForAll @IntRange(min = 0, max = 5000) int cut) throws IOException {
        int at = Math.min(cut, bytes.length);
        byte[] compressed = join(
                Zstd.compress(Arrays.copyOf(bytes, at)),
                SKIPPABLE,
                Zstd.compress(Arrays.copyOfRange(bytes, at, bytes.length)));
        assertThat(read(compressed)).isEqualTo(bytes);
    }

    @Test
    void read_skippableFrames_areSkipped() throws IOException {
        assertThat(read(join(SKIPPABLE, zstd(TEXT, 0), SKIPPABLE))).isEqualTo(TEXT);
    }

    @Test
    void read_largeAndSmallReads_giveTheSame() throws IOException {
        byte[] large = new byte[3_000_000];
        for (int i = 0; i < large.length; i++) {
            large[i] = (byte) (i * 31 / 7 ^ i >> 9);
        }
        assertThat(read(zstd(large, 0))).isEqualTo(large);
        InputStream slow = new ByteArrayInputStream(join(zstd(TEXT, 0), SKIPPABLE, zstd(TEXT, 0))) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                return super.read(target, offset, Math.min(length, 1));
            }
        };
        try (InputStream in = DecompressedStream.open(new CountingSource(slow), Compression.ZSTD)) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            for (int b = in.read(); b >= 0; b = in.read()) {
                out.write(b);
            }
            assertThat(out.toByteArray()).isEqualTo(join(TEXT, TEXT));
        }
    }

    @Test
    void read_trailingBytes_areRefused() throws IOException {
        assertRefused(join(zstd(TEXT, 0), new byte[] {1}), "bytes after the last frame");
        assertRefused(join(zstd(TEXT, 0), new byte[512]), "bytes after the last frame");
    }

    @Test
    void read_nothing_isRefused() {
        assertRefused(new byte[0], "empty");
    }

    @Test
    void read_gzip_isRefused() {
        assertRefused(GzipMembersTest.gzip(TEXT), "does not begin with a frame");
    }

    @Test
    void read_oldFormat_isRefused() {
        assertRefused(new byte[] {0x27, (byte) 0xb5, 0x2f, (byte) 0xfd, 0, 0, 0, 0}, "does not begin with a frame");
    }

    @Test
    void read_everyTruncation_isRefused() throws IOException {
        byte[] whole = zstd(TEXT, 0);
        for (int length = 0; length < whole.length; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            assertThatExceptionOfType(CompressionFormatException.class).isThrownBy(() -> read(part));
        }
        assertRefused(Arrays.copyOf(SKIPPABLE, SKIPPABLE.length - 1), "ends in the middle");
    }

    @Test
    void read_wrongChecksum_isRefused() throws IOException {
        byte[] bytes = zstd(TEXT, 0);
        bytes[bytes.length - 1] ^= 1;
        assertRefused(bytes, "not zstd data");
    }

    @Test
    void read_windowAtLimit_isTakenAndOneMoreRefused() {
        // Frame header: magic, descriptor 0 (no content size, no checksum), window 2^log, then one raw last block.
        assertThat(read27(ZstdFrames.MAX_WINDOW_LOG)).isEqualTo(new byte[] {'x'});
        assertRefused(frame(ZstdFrames.MAX_WINDOW_LOG + 1), "not zstd data");
    }

    private static byte[] read27(int windowLog) {
        try {
            return read(frame(windowLog));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] frame(int windowLog) {
        return new byte[] {
            0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0, (byte) ((windowLog - 10) << 3), 1 | (1 << 3), 0, 0, 'x'
        };
    }
}
