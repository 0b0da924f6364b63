package dev.bulla.guest.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.bulla.oci.LayerMediaType.Compression;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.GZIPOutputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class GzipMembersTest {
    private static final byte[] TEXT = "what a layer holds".getBytes(StandardCharsets.UTF_8);

    static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return out.toByteArray();
    }

    static byte[] join(byte[]... parts) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    private static byte[] read(byte[] compressed) throws IOException {
        try (InputStream in =
                DecompressedStream.open(new CountingSource(new ByteArrayInputStream(compressed)), Compression.GZIP)) {
            return in.readAllBytes();
        }
    }

    private static void assertRefused(byte[] compressed, String problem) {
        assertThatExceptionOfType(CompressionFormatException.class)
                .isThrownBy(() -> read(compressed))
                .withMessageContaining("gzip")
                .withMessageContaining(problem);
    }

    private static byte[] withFlags(int flags, byte[] extraHeader) {
        byte[] plain = gzip(TEXT);
        byte[] head = Arrays.copyOf(plain, 10);
        head[3] = (byte) flags;
        return join(head, extraHeader, Arrays.copyOfRange(plain, 10, plain.length));
    }

    @Test
    void read_oneMember_givesItsBytes() throws IOException {
        assertThat(read(gzip(TEXT))).isEqualTo(TEXT);
    }

    @Test
    void read_severalMembers_givesOneStream() throws IOException {
        assertThat(read(join(gzip(TEXT), gzip(new byte[0]), gzip(TEXT)))).isEqualTo(join(TEXT, TEXT));
    }

    @Property(tries = 200)
    void read_anySplitIntoMembers_givesTheSame(
            @ForAll @Size(max = 5000) byte[] bytes, @ForAll @IntRange(min = 0, max = 5000) int cut) throws IOException {
        int at = Math.min(cut, bytes.length);
        byte[] compressed = join(gzip(Arrays.copyOf(bytes, at)), gzip(Arrays.copyOfRange(bytes, at, bytes.length)));
        assertThat(read(compressed)).isEqualTo(bytes);
    }

    @Test
    void read_trailingByte_isRefused() {
        assertRefused(join(gzip(TEXT), new byte[] {1}), "bytes after the last member");
    }

    @Test
    void read_trailingZeros_areRefused() {
        assertRefused(join(gzip(TEXT), new byte[512]), "bytes after the last member");
    }

    @Test
    void read_trailingMagicAlone_isRefused() {
        assertRefused(join(gzip(TEXT), new byte[] {0x1f, (byte) 0x8b}), "ends in the middle");
    }

    @Test
    void read_nothing_isRefused() {
        assertRefused(new byte[0], "empty");
    }

    @Test
    void read_plainTar_isRefused() {
        assertRefused(new TarBuilder().file("a", "b").end().bytes(), "does not begin with 1f 8b");
    }

    @Test
    void read_everyTruncation_isRefused() {
        byte[] whole = gzip(TEXT);
        for (int length = 0; length < whole.length; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            assertThatExceptionOfType(CompressionFormatException.class).isThrownBy(() -> read(part));
        }
    }

    @Test
    void read_otherMethod_isRefused() {
        byte[] bytes = gzip(TEXT);
        bytes[2] = 7;
        assertRefused(bytes, "compression method 7");
    }

    @Test
    void read_reservedFlag_isRefused() {
        byte[] bytes = gzip(TEXT);
        bytes[3] = 0x20;
        assertRefused(bytes, "reserved flags");
    }

    @Test
    void read_wrongCrc_isRefused() {
        byte[] bytes = gzip(TEXT);
        bytes[bytes.length - 8] ^= 1;
        assertRefused(bytes, "CRC");
    }

    @Test
    void read_wrongLength_isRefused() {
        byte[] bytes = gzip(TEXT);
        bytes[bytes.length - 4] ^= 1;
        assertRefused(bytes, "its trailer says");
    }

    @Test
    void read_brokenData_isRefused() {
        byte[] bytes = gzip(TEXT);
        bytes[10] = (byte) 0xff;
        assertRefused(bytes, "not deflated data");
    }

    @Test
    void read_optionalHeaderFields_arePassedOver() throws IOException {
        byte[] extra = {3, 0, 'a', 'b', 'c', 'n', 'a', 'm', 'e', 0, 't', 'e', 'x', 't', 0};
        assertThat(read(withFlags(4 | 8 | 16, extra))).isEqualTo(TEXT);
    }

    @Test
    void read_headerChecksum_isChecked() throws IOException {
        byte[] head = Arrays.copyOf(gzip(TEXT), 10);
        head[3] = 2;
        CRC32 crc = new CRC32();
        crc.update(head);
        byte[] right = {(byte) crc.getValue(), (byte) (crc.getValue() >> 8)};
        assertThat(read(withFlags(2, right))).isEqualTo(TEXT);
        right[0] ^= 1;
        assertRefused(withFlags(2, right), "header has the checksum");
    }

    @Test
    void read_headerAtLimit_isTakenAndOneMoreRefused() throws IOException {
        byte[] name = new byte[GzipMembers.MAX_HEADER - 10];
        Arrays.fill(name, 0, name.length - 1, (byte) 'n');
        assertThat(read(withFlags(8, name))).isEqualTo(TEXT);
        byte[] longer = new byte[name.length + 1];
        Arrays.fill(longer, 0, longer.length - 1, (byte) 'n');
        assertRefused(withFlags(8, longer), "header of more than");
    }

    @Test
    void read_oneByteAtATime_givesTheSame() throws IOException {
        InputStream slow = new ByteArrayInputStream(join(gzip(TEXT), gzip(TEXT))) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                return super.read(target, offset, Math.min(length, 1));
            }
        };
        try (InputStream in = DecompressedStream.open(new CountingSource(slow), Compression.GZIP)) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            for (int b = in.read(); b >= 0; b = in.read()) {
                out.write(b);
            }
            assertThat(out.toByteArray()).isEqualTo(join(TEXT, TEXT));
        }
    }
}
