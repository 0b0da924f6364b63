package dev.bulla.attestation.client.initdata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The disk as kata writes it, and what a host may write instead. */
class InitDataDiskTest {
    private static final byte[] TEXT = "some content".getBytes(StandardCharsets.UTF_8);

    @TempDir
    Path devices;

    private static byte[] read(byte[] disk) throws MalformedInitDataException, IOException {
        return InitDataDisk.read(new ByteArrayInputStream(disk));
    }

    private static void assertRefused(byte[] disk, String problem) {
        assertThatThrownBy(() -> read(disk))
                .isInstanceOf(MalformedInitDataException.class)
                .hasMessageContaining(problem);
    }

    @Test
    void read_disksOfTheConformanceFolder_isTheirText() throws Exception {
        Path disk = Path.of(System.getProperty("bulla.conformance", "conformance"), "coco", "initdata.img");
        assumeTrue(Files.exists(disk), "needs the conformance file coco/initdata.img");
        assertThat(InitDataDisk.at(disk).read())
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("some content");
    }

    @Property(tries = 50)
    void read_whatWasWritten_isIt(@ForAll byte[] text) throws Exception {
        assertThat(read(TestDisk.of(text))).isEqualTo(text);
    }

    @Test
    void read_lengthInBigEndian_isRefused() {
        byte[] disk = TestDisk.of(TEXT);
        ByteBuffer header = ByteBuffer.wrap(disk);
        header.putLong(8, header.order(ByteOrder.LITTLE_ENDIAN).getLong(8));
        header.order(ByteOrder.BIG_ENDIAN).putLong(8, TestDisk.gzip(TEXT).length);
        assertRefused(disk, "limit " + InitDataDisk.MAX_COMPRESSED);
    }

    @Test
    void read_cutAnywhere_isRefused() {
        byte[] disk = TestDisk.unpadded(TestDisk.gzip(TEXT));
        for (int length = 0; length < disk.length; length++) {
            assertRefused(Arrays.copyOf(disk, length), "initdata disk: it ");
        }
    }

    @Test
    void read_changedAnywhere_isNeverAnotherText() throws Exception {
        byte[] disk = TestDisk.unpadded(TestDisk.gzip(TEXT));
        for (int i = 0; i < disk.length; i++) {
            byte[] changed = disk.clone();
            changed[i] ^= 0x20;
            try {
                assertThat(read(changed)).as("byte " + i).isEqualTo(TEXT); // time, system: they say nothing
            } catch (MalformedInitDataException e) {
                assertThat(e).hasMessageStartingWith("initdata");
            }
        }
    }

    @Test
    void read_wrongCrcOrLength_isRefused() {
        byte[] gzip = TestDisk.gzip(TEXT);
        for (int back = 1; back <= 8; back++) {
            byte[] changed = gzip.clone();
            changed[gzip.length - back]++;
            assertRefused(TestDisk.unpadded(changed), "CRC-32 or length");
        }
    }

    @Test
    void read_twoMembersOrMoreBytes_isRefused() throws IOException {
        ByteArrayOutputStream two = new ByteArrayOutputStream();
        two.write(TestDisk.gzip(TEXT));
        two.write(TestDisk.gzip(TEXT));
        assertRefused(TestDisk.unpadded(two.toByteArray()), "behind its one member");
        byte[] gzip = TestDisk.gzip(TEXT);
        assertRefused(TestDisk.unpadded(Arrays.copyOf(gzip, gzip.length + 1)), "1 bytes behind its one member");
    }

    @Test
    void read_moreThanZerosBehind_isRefused() {
        byte[] disk = TestDisk.of(TEXT);
        disk[disk.length - 1] = 1;
        assertRefused(disk, "more than zeros");
    }

    @Test
    void read_padding_atAndOverItsLimit() throws Exception {
        byte[] disk = TestDisk.unpadded(TestDisk.gzip(TEXT));
        assertThat(read(Arrays.copyOf(disk, disk.length + InitDataDisk.MAX_PADDING)))
                .isEqualTo(TEXT);
        assertRefused(Arrays.copyOf(disk, disk.length + InitDataDisk.MAX_PADDING + 1), "" + InitDataDisk.MAX_PADDING);
    }

    @Test
    void read_text_atAndOverItsLimit() throws Exception {
        byte[] text = new byte[InitDataDisk.MAX_LENGTH];
        assertThat(read(TestDisk.of(text))).isEqualTo(text);
        assertRefused(TestDisk.of(new byte[InitDataDisk.MAX_LENGTH + 1]), "more than " + InitDataDisk.MAX_LENGTH);
    }

    @Test
    void read_compressed_atAndOverItsLimit() {
        byte[] disk = TestDisk.unpadded(new byte[InitDataDisk.MAX_COMPRESSED]);
        assertRefused(disk, "does not begin as one"); // no gzip, but not too long
        ByteBuffer.wrap(disk).order(ByteOrder.LITTLE_ENDIAN).putLong(8, InitDataDisk.MAX_COMPRESSED + 1L);
        assertRefused(disk, "limit " + InitDataDisk.MAX_COMPRESSED);
        ByteBuffer.wrap(disk).putLong(8, -1);
        assertRefused(disk, "limit " + InitDataDisk.MAX_COMPRESSED);
    }

    @Test
    void read_gzipHeaderWithAllFields_isTheText() throws Exception {
        byte[] plain = TestDisk.gzip(TEXT);
        ByteArrayOutputStream header = new ByteArrayOutputStream();
        header.write(new byte[] {0x1f, (byte) 0x8b, 8, 2 + 4 + 8 + 16, 0, 0, 0, 0, 0, 3});
        header.write(new byte[] {2, 0, 'x', 'y'});
        header.write("name\0comment\0".getBytes(StandardCharsets.US_ASCII));
        CRC32 crc = new CRC32();
        crc.update(header.toByteArray());
        header.write((int) crc.getValue() & 0xff);
        header.write((int) crc.getValue() >> 8 & 0xff);
        int end = header.size();
        header.write(plain, 10, plain.length - 10);
        byte[] gzip = header.toByteArray();
        assertThat(read(TestDisk.unpadded(gzip))).isEqualTo(TEXT);
        assertRefused(TestDisk.unpadded(Arrays.copyOf(gzip, 5)), "gzip: ends in its header");
        gzip[end - 1]++;
        assertRefused(TestDisk.unpadded(gzip), "CRC-16");
        gzip[3] |= 0x20;
        assertRefused(TestDisk.unpadded(gzip), "reserved flags");
    }

    @Test
    void find_virtioAndScsiDisks_isTheOneThatBeginsSo() throws Exception {
        Files.write(devices.resolve("vda"), new byte[4096]);
        Files.write(devices.resolve("sda"), new byte[3]);
        Files.write(devices.resolve("sdb"), TestDisk.of(TEXT));
        Files.write(devices.resolve("nvme0n1"), TestDisk.of("other".getBytes(StandardCharsets.UTF_8)));
        InitDataDisk disk = InitDataDisk.find(devices, path -> true).orElseThrow();
        assertThat(disk.path()).isEqualTo(devices.resolve("sdb"));
        assertThat(disk.read()).isEqualTo(TEXT);
    }

    @Test
    void find_regularFile_isNoDisk() throws Exception {
        Files.write(devices.resolve("vda"), TestDisk.of(TEXT));
        assertThat(InitDataDisk.find(devices)).isEmpty();
    }

    @Test
    void find_unreadableDisk_isNone() throws Exception {
        Files.createDirectory(devices.resolve("vda"));
        assertThat(InitDataDisk.find(devices, path -> true)).isEmpty();
    }

    @Test
    void find_two_isRefused() throws Exception {
        Files.write(devices.resolve("vda"), TestDisk.of(TEXT));
        Files.write(devices.resolve("vdb"), TestDisk.of(TEXT));
        assertThatThrownBy(() -> InitDataDisk.find(devices, path -> true))
                .isInstanceOf(MalformedInitDataException.class)
                .hasMessageContainingAll("vda", "vdb", "expected one");
    }

    @FuzzTest
    void disk(byte[] input) throws IOException {
        try {
            if (read(input).length > InitDataDisk.MAX_LENGTH) {
                throw new IllegalStateException("more than the limit");
            }
        } catch (MalformedInitDataException e) {
            // refused
        }
    }
}
