package dev.bulla.composefs.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import dev.bulla.composefs.FsVerityDigester;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.linux.OpenFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SplitStreamReaderTest {
    private static final VerityAlgorithm ALGORITHM = VerityAlgorithm.SHA256_4K;
    private static final VerityDigest OBJECT = FsVerityDigester.of(ALGORITHM, new byte[1]);
    private static final VerityDigest STREAM = FsVerityDigester.of(ALGORITHM, new byte[2]);

    private static StreamFile file() {
        return new StreamFile(ALGORITHM);
    }

    private static SplitStreamReader open(byte[] file) throws IOException {
        return SplitStreamReader.open(file, ALGORITHM, SplitStreamLimits.LAYER);
    }

    /** The parts, inline bytes as text. */
    private static List<Object> parts(byte[] file) throws IOException {
        try (SplitStreamReader reader = open(file)) {
            List<Object> parts = new ArrayList<>();
            for (Part part = reader.next(); part != null; part = reader.next()) {
                switch (part) {
                    case Part.Inline inline -> parts.add(new String(inline.bytes(), StandardCharsets.ISO_8859_1));
                    case Part.External external -> parts.add(external.object());
                }
            }
            assertThat(reader.next()).isNull();
            return parts;
        }
    }

    private static void assertRefused(byte[] file, String problem) {
        assertThatThrownBy(() -> parts(file))
                .isInstanceOf(SplitStreamException.class)
                .hasMessageStartingWith("splitstream: ")
                .hasMessageContaining(problem);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void next_wholeStream_givesItsParts(boolean old) throws Exception {
        byte[] bytes = file().object(OBJECT).stream(STREAM)
                .names("0:one\0" + "0:two\0")
                .inline("before")
                .number(0)
                .inline("after")
                .number(0)
                .size(100)
                .bytes();
        byte[] file = old ? StreamFile.old(bytes) : bytes;
        assertThat(parts(file)).containsExactly("before", OBJECT, "after", OBJECT);
        try (SplitStreamReader reader = open(file)) {
            assertThat(reader.contentType()).isEqualTo(ContentType.LAYER);
            assertThat(reader.size()).isEqualTo(100);
            assertThat(reader.objectReferences()).containsExactly(OBJECT);
            assertThat(reader.namedReferences()).containsEntry("one", STREAM).containsEntry("two", STREAM);
        }
    }

    @Test
    void next_emptyStream_hasNoPart() throws Exception {
        assertThat(parts(file().bytes())).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void open_algorithm_isTheOneAskedForAlone(VerityAlgorithm algorithm) throws Exception {
        VerityDigest object = FsVerityDigester.of(algorithm, new byte[1]);
        byte[] file = new StreamFile(algorithm).object(object).number(0).size(1).bytes();
        for (VerityAlgorithm asked : VerityAlgorithm.values()) {
            if (asked == algorithm) {
                try (SplitStreamReader reader = SplitStreamReader.open(file, asked, SplitStreamLimits.LAYER)) {
                    assertThat(reader.next()).isEqualTo(new Part.External(object));
                }
            } else {
                assertThatThrownBy(() -> SplitStreamReader.open(file, asked, SplitStreamLimits.LAYER))
                        .isInstanceOf(SplitStreamException.class)
                        .hasMessageContaining("(" + asked + ")");
            }
        }
    }

    @Test
    void open_file_isReadFromThere(@TempDir Path folder) throws Exception {
        Path path = Files.write(folder.resolve("stream"), file().inline("text").bytes());
        OpenFile file = OpenFile.read(path);
        try (SplitStreamReader reader = SplitStreamReader.open(file, ALGORITHM, SplitStreamLimits.LAYER)) {
            assertThat(reader.next()).isInstanceOf(Part.Inline.class);
        }
        assertThatThrownBy(file::status).isInstanceOf(IllegalStateException.class);
        OpenFile directory = OpenFile.read(folder);
        assertThatThrownBy(() -> SplitStreamReader.open(directory, ALGORITHM, SplitStreamLimits.LAYER))
                .hasMessageContaining("not a regular file");
        assertThatThrownBy(directory::status).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void open_everyTruncation_isRefused() throws Exception {
        byte[] file = file().object(OBJECT).stream(STREAM)
                .names("0:name\0")
                .inline("text")
                .number(0)
                .size(5)
                .bytes();
        for (byte[] whole : List.of(file, StreamFile.old(file))) {
            for (int length = 0; length < whole.length; length++) {
                byte[] truncated = Arrays.copyOf(whole, length);
                assertThatThrownBy(() -> parts(truncated))
                        .as("%s bytes", length)
                        .isInstanceOf(SplitStreamException.class);
            }
        }
    }

    @Test
    void open_wrongMagicVersionOrAlgorithm_refused() throws Exception {
        byte[] file = file().inline("text").bytes();
        byte[] magic = file.clone();
        magic[3] ^= 1;
        assertRefused(magic, "no magic \"SplitStream\" at byte 0, nor at byte 18");
        byte[] old = StreamFile.old(file);
        old[18] ^= 1;
        assertRefused(old, "no magic");
        byte[] version = file.clone();
        version[11] = 1;
        assertRefused(version, "version 1, expected 0");
        byte[] oldVersion = StreamFile.old(file);
        oldVersion[29] = 1;
        assertRefused(oldVersion, "version 1, expected 0");
        byte[] blocks = file.clone();
        blocks[15] = 16;
        assertRefused(blocks, "hash function 1 over blocks of 2^16 bytes, expected 1 and 12");
        byte[] flags = file.clone();
        flags[12] = (byte) 0xff;
        assertThat(parts(flags)).containsExactly("text");
    }

    @ParameterizedTest
    @CsvSource({"16", "32", "48", "64", "80"})
    void open_rangeOutsideTheFile_refused(int at) throws Exception {
        byte[] file = file().object(OBJECT).stream(STREAM)
                .names("0:name\0")
                .inline("text")
                .number(0)
                .size(5)
                .bytes();
        String problem = "expected a range in the file's " + file.length + " bytes";
        assertRefused(StreamFile.with(file, at, -1), problem);
        assertRefused(StreamFile.with(file, at, Long.MAX_VALUE), problem);
        assertRefused(StreamFile.with(file, at + 8, file.length + 1L), problem);
        assertRefused(StreamFile.with(file, at + 8, Long.MIN_VALUE), problem);
        assertRefused(StreamFile.with(file, at, file.length), "");
    }

    @Test
    void open_sectionsThatOverlap_refused() throws Exception {
        byte[] file = file().object(OBJECT).stream(STREAM).inline("text").bytes();
        assertRefused(StreamFile.with(StreamFile.with(file, 32, 0), 40, 32), "sections overlap: 0 to 32 and 0 to 32");
        assertRefused(StreamFile.with(StreamFile.with(file, 48, 112), 56, 144), "sections overlap");
        assertRefused(StreamFile.with(StreamFile.with(file, 16, 0), 24, 80), "sections overlap");
    }

    @Test
    void open_tableShorterThanItIs_refusedAndLongerTaken() throws Exception {
        byte[] file = file().inline("text").bytes();
        assertRefused(StreamFile.with(file, 24, 111), "table of sections of 79 bytes, expected at least 80");
        // No stream or object references stand between the table and the names: make room by moving the table's end.
        byte[] longer = Arrays.copyOf(file, file.length + 90);
        System.arraycopy(file, 32, longer, file.length, 80);
        byte[] moved = StreamFile.with(StreamFile.with(longer, 16, file.length), 24, file.length + 90L);
        assertThat(parts(moved)).containsExactly("text");
    }

    @Test
    void open_referencesThatAreNoWholeDigests_refused() throws Exception {
        byte[] file = file().object(OBJECT).inline("text").bytes();
        assertRefused(StreamFile.with(file, 56, 112 + 31), "object references of 31 bytes, expected a multiple of 32");
    }

    @Test
    void open_limits_areTakenAndOneMoreRefused() throws Exception {
        byte[] file = file().object(OBJECT).object(STREAM).stream(OBJECT)
                .names("0:name\0")
                .inline("text")
                .bytes();
        SplitStreamReader.open(file, ALGORITHM, new SplitStreamLimits(4, 2, 7, 9))
                .close();
        assertThatThrownBy(() -> SplitStreamReader.open(file, ALGORITHM, new SplitStreamLimits(3, 2, 7, 9)))
                .hasMessageContaining("size 4, limit 3");
        assertThatThrownBy(() -> SplitStreamReader.open(file, ALGORITHM, new SplitStreamLimits(4, 1, 7, 9)))
                .hasMessageContaining("object references: 2, limit 1");
        assertThatThrownBy(() -> SplitStreamReader.open(file, ALGORITHM, new SplitStreamLimits(4, 2, 6, 9)))
                .hasMessageContaining("names: more than 6 bytes");
    }

    @Test
    void open_sizeBeyondALong_refused() throws Exception {
        assertRefused(StreamFile.with(file().bytes(), 104, -1), "size 18446744073709551615, expected less than 2^63");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0name\0",
                ":name\0",
                "x:name\0",
                "-1:name\0",
                "+0:name\0",
                "0000000000:name\0",
                "1:name\0",
                "0:name",
                "0:name\0x",
                "0:name\0" + "0:name\0",
                "\0"
            })
    void open_namesMalformed_refused(String names) throws Exception {
        assertRefused(file().stream(STREAM).names(names).bytes(), "names: ");
    }

    @Test
    void open_namesThatAreNotUtf8_refused() throws Exception {
        byte[] names = {'0', ':', (byte) 0xff, 0};
        assertRefused(
                file().stream(STREAM).bytes(Zstd.compress(new byte[0]), Zstd.compress(names)), "names: not UTF-8");
    }

    @Test
    void open_namesThatInflate_stopAtTheLimit() throws Exception {
        byte[] bomb = Zstd.compress(new byte[SplitStreamLimits.LAYER.names() + 1]);
        assertRefused(file().stream(STREAM).bytes(Zstd.compress(new byte[0]), bomb), "names: more than 1048576 bytes");
    }

    @Test
    void next_notZstd_refused() throws Exception {
        byte[] none = Zstd.compress(new byte[0]);
        assertRefused(
                file().size(1).bytes("not zstd at all".getBytes(StandardCharsets.US_ASCII), none), "not zstd data");
        byte[] trailing = Arrays.copyOf(none, none.length + 9);
        assertRefused(file().size(1).bytes(trailing, none), "not zstd data");
    }

    @Test
    void next_windowAtTheLimit_isTakenAndLargerRefused() throws Exception {
        assertThat(parts(file().size(1).bytes(framed(23), Zstd.compress(new byte[0]))))
                .containsExactly("x");
        assertRefused(file().size(1).bytes(framed(24), Zstd.compress(new byte[0])), "not zstd data");
    }

    /** A stream of one byte in a frame whose window is as large as this, as a power of two. */
    private static byte[] framed(int windowLog) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZstdOutputStreamNoFinalizer zstd = new ZstdOutputStreamNoFinalizer(out)) {
            zstd.setLong(windowLog);
            zstd.write(new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, 'x'});
            zstd.flush(); // before the end, so that the frame does not say its size
        }
        return out.toByteArray();
    }

    @Test
    void next_partMalformed_refused() throws Exception {
        assertRefused(file().object(OBJECT).number(1).size(1).bytes(), "body: object 1 of 1 object references");
        assertRefused(file().number(Long.MAX_VALUE).size(1).bytes(), "body: object 9223372036854775807 of 0");
        assertRefused(file().number(-5).raw("1234").size(5).bytes(), "body: ends 1 bytes before the end of a run");
        assertRefused(file().number(-5).raw("12345").size(4).bytes(), "body: a run of 5 bytes, at most 4 are left");
        assertRefused(file().number(Long.MIN_VALUE).size(5).bytes(), "body: a run of 9223372036854775808 bytes");
        assertRefused(file().raw("1234567").size(5).bytes(), "body: ends in the middle of a part's length");
        assertRefused(file().inline("123").inline("45").size(4).bytes(), "at most 1 are left");
    }

    @Test
    void next_fewerBytesThanTheHeaderSays_refused() throws Exception {
        assertRefused(file().inline("123").size(4).bytes(), "body: 3 bytes, the header says 4");
    }

    @Test
    void next_morePartsThanBytes_refused() throws Exception {
        StreamFile file = file().object(OBJECT);
        for (int i = 0; i < 5; i++) {
            file.number(0);
        }
        assertThat(parts(file.size(4).bytes())).hasSize(5);
        assertRefused(file.size(3).bytes(), "body: more parts than its 3 bytes");
    }

    @Test
    void next_partsAtTheLimit_areTakenAndOneMoreRefused() throws Exception {
        StreamFile file = file().object(OBJECT);
        for (int i = 0; i < 5; i++) {
            file.number(0);
        }
        byte[] five = file.size(1 << 20).bytes();
        assertThat(partsWithin(five, 5)).isEqualTo(5);
        assertThatThrownBy(() -> partsWithin(five, 4))
                .isInstanceOf(SplitStreamException.class)
                .hasMessageContaining("body: more parts than the limit 4");
    }

    private static int partsWithin(byte[] file, int limit) throws IOException {
        SplitStreamLimits limits = new SplitStreamLimits(1 << 20, 1, 0, limit);
        try (SplitStreamReader reader = SplitStreamReader.open(file, ALGORITHM, limits)) {
            int parts = 0;
            while (reader.next() != null) {
                parts++;
            }
            return parts;
        }
    }

    @Test
    void next_longRun_comesInPieces() throws Exception {
        String text = "x".repeat(SplitStreamReader.MAX_PIECE + 1);
        List<Object> parts = parts(file().inline(text).bytes());
        assertThat(parts).hasSizeGreaterThan(1);
        assertThat(String.join("", parts.stream().map(Object::toString).toList()))
                .isEqualTo(text);
    }
}
