package dev.bulla.guest.layer;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.Timestamp;
import dev.bulla.oci.Digest;
import dev.bulla.oci.LayerMediaType.Compression;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TarReaderTest {
    private final Map<String, String> bodies = new HashMap<>();

    private List<TarEntry> read(byte[] tar) throws IOException {
        return read(tar, LayerLimits.DEFAULTS);
    }

    private List<TarEntry> read(byte[] tar, LayerLimits limits) throws IOException {
        List<TarEntry> entries = new ArrayList<>();
        CountingSource source = new CountingSource(new ByteArrayInputStream(tar));
        LayerBytes bytes = new LayerBytes(
                DecompressedStream.open(source, Compression.NONE),
                Optional.of(new DiffIdHash(Digest.Algorithm.SHA256)),
                limits,
                new LayerBudget(limits),
                ArchiveSink.NONE);
        TarReader reader = new TarReader(bytes, limits);
        for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
            entries.add(entry);
            if (entry.size() <= 64) {
                bodies.put(entry.name().toString(), new String(reader.readBody(), StandardCharsets.UTF_8));
            }
        }
        bytes.requireDiffId(Digest.Algorithm.SHA256.of(tar));
        return entries;
    }

    private TarEntry only(TarBuilder tar) throws IOException {
        List<TarEntry> entries = read(tar.end().bytes());
        assertThat(entries).hasSize(1);
        return entries.getFirst();
    }

    private void assertRefused(TarBuilder tar, String problem) {
        byte[] bytes = tar.bytes();
        assertThatExceptionOfType(ArchiveFormatException.class)
                .isThrownBy(() -> read(bytes))
                .withMessageContaining(problem)
                .withMessageStartingWith("layer archive at byte ");
    }

    private static ByteString bytes(String text) {
        return ByteString.utf8(text);
    }

    private static TarBuilder tar() {
        return new TarBuilder();
    }

    @Test
    void next_ustarFields_areRead() throws IOException {
        TarEntry entry = only(tar().entry(RawHeader.of('3', "null")
                .prefix("some/dev")
                .mode(0104755)
                .owner(07777777, 1000)
                .mtime(1_700_000_000)
                .device(1, 3)));
        assertThat(entry.type()).isEqualTo(TarType.CHARACTER);
        assertThat(entry.name()).isEqualTo(bytes("some/dev/null"));
        assertThat(entry.permissions()).isEqualTo(04755);
        assertThat(entry.uid()).isEqualTo(07777777);
        assertThat(entry.gid()).isEqualTo(1000);
        assertThat(entry.mtime()).isEqualTo(new Timestamp(1_700_000_000, 0));
        assertThat(entry.major()).isEqualTo(1);
        assertThat(entry.minor()).isEqualTo(3);
    }

    @Test
    void next_fullNameField_hasNoTerminator() throws IOException {
        String name = "n".repeat(100);
        assertThat(only(tar().file(name, "x")).name()).isEqualTo(bytes(name));
    }

    @Test
    void next_namesOfAnyBytes_areBytes() throws IOException {
        TarEntry entry = only(tar().entry(RawHeader.of('0', "").put(0, new byte[] {(byte) 0xff, '\n', (byte) 0x80})));
        assertThat(entry.name()).isEqualTo(ByteString.of(new byte[] {(byte) 0xff, '\n', (byte) 0x80}));
    }

    @Test
    void next_bodiesReadAndSkipped_doNotShiftWhatFollows() throws IOException {
        List<TarEntry> entries = read(tar().file("a", "alpha")
                .file("large", new byte[513])
                .file("empty", "")
                .file("exact", new byte[512])
                .file("z", "omega")
                .end()
                .bytes());
        assertThat(entries).extracting(TarEntry::size).containsExactly(5L, 513L, 0L, 512L, 5L);
        assertThat(bodies).containsEntry("a", "alpha").containsEntry("z", "omega");
    }

    @Test
    void next_oldFormat_isRead() throws IOException {
        List<TarEntry> entries = read(tar().entry(RawHeader.of('\0', "f").v7().size(1), new byte[] {'x'})
                .entry(RawHeader.of('\0', "d/").v7())
                .end()
                .bytes());
        assertThat(entries).extracting(TarEntry::type).containsExactly(TarType.FILE, TarType.DIRECTORY);
    }

    @Test
    void next_gnuFormat_hasNoPrefix() throws IOException {
        TarEntry entry = only(tar().entry(RawHeader.of('0', "f").gnu().put(345, "00000000001\0")));
        assertThat(entry.name()).isEqualTo(bytes("f"));
    }

    @Test
    void next_gnuWithPrefix_isRefused() {
        assertRefused(tar().entry(RawHeader.of('0', "f").gnu().prefix("usr")), "atime with the byte");
    }

    @Test
    void next_gnuLongNames_areTaken() throws IOException {
        String name = "d/".repeat(90) + "name";
        String target = "t/".repeat(90) + "target";
        TarEntry entry = only(tar().longLink(target)
                .longName(name)
                .entry(RawHeader.of('2', "cut").gnu().link("cut")));
        assertThat(entry.name()).isEqualTo(bytes(name));
        assertThat(entry.link()).isEqualTo(bytes(target));
    }

    @Test
    void next_gnuBinaryNumbers_areTaken() throws IOException {
        TarEntry entry = only(tar().entry(RawHeader.of('5', "d")
                .gnu()
                .put(108, new byte[] {(byte) 0x80, 0, 0, 0, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff})
                .put(136, new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -2})));
        assertThat(entry.uid()).isEqualTo(0xffff_ffffL);
        assertThat(entry.mtime()).isEqualTo(new Timestamp(-2, 0));
    }

    @Test
    void next_paxRecords_win() throws IOException {
        TarEntry entry = only(tar().pax(
                        "path=über/" + "p".repeat(150),
                        "uid=4294967295",
                        "gid=5",
                        "mtime=1700000000.25",
                        "atime=1.5",
                        "uname=root",
                        "SCHILY.xattr.user.a=1=2\n3",
                        "SCHILY.xattr.user.empty=")
                .file("short", "x"));
        assertThat(entry.name()).isEqualTo(bytes("über/" + "p".repeat(150)));
        assertThat(entry.uid()).isEqualTo(0xffff_ffffL);
        assertThat(entry.gid()).isEqualTo(5);
        assertThat(entry.mtime()).isEqualTo(new Timestamp(1_700_000_000, 250_000_000));
        assertThat(entry.xattrs())
                .containsExactly(
                        Map.entry(bytes("user.a"), bytes("1=2\n3")), Map.entry(bytes("user.empty"), ByteString.EMPTY));
        assertThat(entry.ignoredRecords()).isZero();
    }

    @Test
    void next_paxLinkPath_wins() throws IOException {
        assertThat(only(tar().pax("linkpath=long/target").symlink("a", "b")).link())
                .isEqualTo(bytes("long/target"));
    }

    @Test
    void next_emptyPaxValue_leavesTheHeader() throws IOException {
        assertThat(only(tar().pax("path=", "mtime=", "size=").file("a", "b")).name())
                .isEqualTo(bytes("a"));
    }

    @Test
    void next_unknownPaxRecords_areCounted() throws IOException {
        TarEntry entry = only(tar().pax("SCHILY.acl.access=user::rwx", "VENDOR.note=x", "comment=c")
                .file("a", "b"));
        assertThat(entry.ignoredRecords()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 0",
        "1.5, 1, 500000000",
        "1.123456789, 1, 123456789",
        "1.1234567899, 1, 123456789",
        "1., 1, 0",
        "-1, -1, 0",
        "-1.25, -2, 750000000",
        "-0.000000001, -1, 999999999",
        "999999999999999999.1, 999999999999999999, 100000000",
    })
    void next_paxTimes_areRead(String text, long seconds, long nanos) throws IOException {
        assertThat(only(tar().pax("mtime=" + text).file("a", "b")).mtime()).isEqualTo(new Timestamp(seconds, nanos));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-", ".5", "1e3", "+1", "1.5x", "1000000000000000000", " 1", "--1", "0x10", "1.-5"})
    void next_brokenPaxTime_isRefused(String text) {
        assertRefused(tar().pax("mtime=" + text).file("a", "b"), "PAX record \"mtime\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"-1", "1.0", "x", "4294967296", "1000000000000000000"})
    void next_brokenPaxUid_isRefused(String text) {
        assertRefused(tar().pax("uid=" + text).file("a", "b"), "uid");
    }

    @Test
    void next_libarchiveXattr_mustAgree() throws IOException {
        assertThat(only(tar().pax("LIBARCHIVE.xattr.user.%61=MQ", "SCHILY.xattr.user.a=1")
                                .file("f", ""))
                        .xattrs())
                .containsExactly(Map.entry(bytes("user.a"), bytes("1")));
        assertRefused(tar().pax("LIBARCHIVE.xattr.user.a=MQ").file("f", ""), "without a SCHILY.xattr");
        assertRefused(
                tar().pax("LIBARCHIVE.xattr.user.a=Mg", "SCHILY.xattr.user.a=1").file("f", ""),
                "without a SCHILY.xattr");
        assertRefused(
                tar().pax("LIBARCHIVE.xattr.user.a=*", "SCHILY.xattr.user.a=1").file("f", ""),
                "without a SCHILY.xattr");
        assertRefused(tar().pax("LIBARCHIVE.xattr.user.%6=MQ").file("f", ""), "percent");
        assertRefused(
                tar().pax("LIBARCHIVE.xattr.user.%61=MQ", "LIBARCHIVE.xattr.user.a=MQ", "SCHILY.xattr.user.a=1")
                        .file("f", ""),
                "stands twice");
    }

    @Test
    void next_xattrName_atLimitIsTakenAndOneMoreRefused() throws IOException {
        assertThat(only(tar().pax("SCHILY.xattr." + "n".repeat(255) + "=1").file("f", ""))
                        .xattrs())
                .hasSize(1);
        assertRefused(tar().pax("SCHILY.xattr." + "n".repeat(256) + "=1").file("f", ""), "name of 256 bytes");
        assertRefused(tar().pax("SCHILY.xattr.=1").file("f", ""), "name of 0 bytes");
    }

    @Test
    void next_paxSizeThatDisagrees_isRefused() {
        assertRefused(
                tar().pax("size=512")
                        .entry(RawHeader.of('0', "a").size(1024), new byte[1024])
                        .end(),
                "sizes disagree");
        assertRefused(
                tar().pax("size=512")
                        .entry(RawHeader.of('0', "a").size(0))
                        .raw(new byte[512])
                        .end(),
                "sizes disagree");
    }

    @Test
    void next_paxSizeThatAgrees_isTaken() throws IOException {
        assertThat(only(tar().pax("size=1").file("a", "b")).size()).isEqualTo(1);
    }

    @Test
    void next_paxSizeBeyondOctal_wins() {
        // The body is missing, which is what the message must say: of 8 GiB, not of the header's 0 bytes.
        byte[] bytes =
                tar().pax("size=8589934592").entry(RawHeader.of('0', "a")).bytes();
        assertThatExceptionOfType(ArchiveFormatException.class)
                .isThrownBy(() -> read(bytes))
                .withMessageContaining("8589934592 bytes before the entry does");
    }

    @Test
    void next_repeatedPaxRecord_isRefused() {
        assertRefused(tar().pax("path=a", "path=b").file("c", ""), "stands twice");
        assertRefused(tar().pax("VENDOR.x=a", "VENDOR.x=a").file("c", ""), "stands twice");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "path=a\n",
                "0 path=a\n",
                "010 path=a\n",
                "8 path=a\n",
                "11 path=a\n",
                "10path=a\n",
                "10 path=a ",
                "8 =abcd\n",
                "5 ab\n",
                "3 \n",
                "99999999999 a=b\n",
                "-5 a=b\n",
                "+5 a=b\n",
                "6 a=b\n\0",
                "4",
                "4 "
            })
    void next_brokenPaxRecord_isRefused(String body) {
        assertRefused(
                tar().extension('x', body.getBytes(StandardCharsets.ISO_8859_1)).file("c", ""), "PAX record");
    }

    @Test
    void next_paxNameWithNul_isRefused() {
        assertRefused(tar().pax("path=a\0b").file("c", ""), "NUL");
        assertRefused(tar().pax("linkpath=a\0b").symlink("c", "d"), "NUL");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GNU.sparse.major=1",
                "GNU.sparse.map=0,1",
                "SCHILY.realsize=5",
                "SCHILY.filetype=file",
                "SCHILY.devmajor=1",
                "SCHILY.devminor=1",
                "GNU.dumpdir=x",
                "GNU.volume.label=x",
                "SUN.holesdata=x"
            })
    void next_paxRecordThatReadersTakeDifferently_isRefused(String record) {
        assertRefused(tar().pax(record).file("c", ""), "which readers take differently");
    }

    @Test
    void next_globalComment_isPassedOver() throws IOException {
        TarBuilder tar =
                tar().extension('g', TarBuilder.paxBody("comment=0123abcd")).file("a", "b");
        assertThat(only(tar).name()).isEqualTo(bytes("a"));
    }

    @Test
    void next_globalThatSetsMore_isRefused() {
        assertRefused(
                tar().extension('g', TarBuilder.paxBody("comment=x", "uid=0")).file("a", "b"), "PAX global");
        assertRefused(
                tar().pax("uid=0")
                        .extension('g', TarBuilder.paxBody("comment=x"))
                        .file("a", "b"),
                "PAX global");
    }

    @Test
    void next_repeatedExtensions_areRefused() {
        assertRefused(tar().pax("path=a").pax("path=b").file("c", ""), "second PAX header");
        assertRefused(tar().longName("a").longName("b").file("c", ""), "second GNU long name");
        assertRefused(tar().longLink("a").longLink("b").link("c", "d"), "second GNU long link");
    }

    @Test
    void next_paxAndGnuName_isRefused() {
        assertRefused(tar().longName("a").pax("path=b").file("c", ""), "both a PAX and a GNU name");
        assertRefused(tar().longLink("a").pax("linkpath=b").symlink("c", "d"), "both a PAX and a GNU link target");
    }

    @Test
    void next_extensionWithoutEntry_isRefused() {
        assertRefused(tar().pax("path=a").end(), "without an entry");
        assertRefused(tar().longName("a"), "without an entry");
    }

    @Test
    void next_brokenLongName_isRefused() {
        assertRefused(
                tar().extension('L', "a\0b".getBytes(StandardCharsets.UTF_8)).file("c", ""), "after its NUL");
        assertRefused(tar().extension('L', new byte[] {0}).file("c", ""), "without a name");
    }

    @Test
    void next_extensionAtLimit_isTakenAndOneMoreRefused() throws IOException {
        LayerLimits limits = LayerLimits.DEFAULTS.with(LayerLimit.HEADER_BYTES, 1000);
        assertThat(read(tar().extension('L', name(999)).file("c", "").end().bytes(), limits))
                .hasSize(1);
        byte[] over = tar().extension('L', name(1000)).file("c", "").end().bytes();
        assertThatExceptionOfType(LayerLimitException.class)
                .isThrownBy(() -> read(over, limits))
                .withMessageContaining("1001 bytes, at most 1000 allowed (limit header-bytes)");
    }

    private static byte[] name(int length) {
        byte[] name = new byte[length + 1];
        Arrays.fill(name, 0, length, (byte) 'n');
        return name;
    }

    @ParameterizedTest
    @ValueSource(chars = {'S', 'M', 'V', 'D', 'N', 'X', 'A', '7', '8', '\n'})
    void next_otherTypes_areRefused(char type) {
        assertRefused(tar().entry(RawHeader.of(type, "a")), type == 'S' ? "sparse" : "entry of type");
    }

    @ParameterizedTest
    @ValueSource(chars = {'1', '2', '3', '4', '5', '6'})
    void next_bodyWhereNoneBelongs_isRefused(char type) {
        assertRefused(
                tar().entry(RawHeader.of(type, "a").link("b").size(512), new byte[512]), "with a body of 512 bytes");
        assertRefused(
                tar().pax("size=512").entry(RawHeader.of(type, "a").link("b").size(512), new byte[512]), "with a body");
    }

    @Test
    void next_slashAfterNonDirectory_isRefused() {
        assertRefused(tar().file("a/", ""), "ends with a slash");
        assertRefused(tar().symlink("a/", "b"), "ends with a slash");
        assertRefused(tar().entry(RawHeader.of('\0', "a/").size(1), new byte[] {1}), "with a body");
    }

    @Test
    void next_noName_isRefused() {
        assertRefused(tar().file("", "x"), "without a name");
    }

    @Test
    void next_wrongChecksum_isRefused() {
        assertRefused(tar().entry(RawHeader.of('0', "a").checksum("0000001\0")), "header with checksum 1");
        assertRefused(tar().entry(RawHeader.of('0', "a").checksum("        ")), "header with checksum 0");
    }

    @Test
    void next_signedChecksum_isRefused() throws IOException {
        byte[] header = RawHeader.of('0', "").put(0, new byte[] {(byte) 0xff}).bytes();
        assertThat(read(tar().raw(header).bytes())).hasSize(1);
        int sum = 256; // the eight spaces
        for (int i = 0; i < header.length; i++) {
            sum += i >= 148 && i < 156 ? 0 : header[i];
        }
        RawHeader signed = RawHeader.of('0', "")
                .put(0, new byte[] {(byte) 0xff})
                .checksum("0" + Integer.toOctalString(sum) + "\0 ");
        assertRefused(tar().entry(signed), "its bytes sum to");
    }

    @Test
    void next_unknownMagic_isRefused() {
        assertRefused(tar().entry(RawHeader.of('0', "a").put(257, "ustar 00")), "unknown magic");
        assertRefused(tar().entry(RawHeader.of('0', "a").put(257, "USTAR\0" + "00")), "unknown magic");
    }

    @Test
    void next_starFormat_isRefused() {
        assertRefused(tar().entry(RawHeader.of('0', "a").put(508, "tar\0")), "star format");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "00000000008\0",
                "0000000 1 2\0",
                "\0" + "0000000001",
                "-0000000001\0",
                "+AAAAAAAAAA\0",
                "0x000000001\0"
            })
    void next_brokenSize_isRefused(String field) {
        assertRefused(tar().entry(RawHeader.of('0', "a").put(124, field)), "size");
    }

    @Test
    void next_negativeOrHugeNumbers_areRefused() {
        byte[] minusOne = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
        assertRefused(tar().entry(RawHeader.of('0', "a").put(124, minusOne)), "size -1");
        byte[] huge = {(byte) 0x80, 0, 0, 0, (byte) 0x80, 0, 0, 0, 0, 0, 0, 0};
        assertRefused(tar().entry(RawHeader.of('0', "a").put(124, huge)), "more than 63 bits");
        byte[] veryHuge = {(byte) 0x80, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0};
        assertRefused(tar().entry(RawHeader.of('0', "a").put(124, veryHuge)), "more than 63 bits");
        byte[] veryLow = {-1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
        assertRefused(tar().entry(RawHeader.of('0', "a").put(136, veryLow)), "more than 63 bits");
        byte[] id = {(byte) 0x80, 0, 0, 1, 0, 0, 0, 0};
        assertRefused(tar().entry(RawHeader.of('0', "a").put(116, id)), "gid 4294967296");
    }

    @Test
    void next_everyTruncation_isRefusedOrEndsBetweenEntries() throws IOException {
        byte[] whole =
                tar().pax("path=long").file("a", "alpha").directory("d").end().bytes();
        for (int length = 0; length < whole.length; length++) {
            byte[] part = Arrays.copyOf(whole, length);
            // 1024 of PAX, 1024 of the file (512 of header, 5 of body, what fills the block up), 512 of the directory;
            // then
            // the marker, of which any part will do.
            if (length == 0
                    || (length >= 1541 && length <= 2048)
                    || length == 2560
                    || length >= 3072
                    || (length > 2560 && length % 512 == 0)) {
                assertThat(read(part)).hasSizeLessThanOrEqualTo(2);
            } else {
                assertThatExceptionOfType(ArchiveFormatException.class)
                        .as("%d", length)
                        .isThrownBy(() -> read(part));
            }
        }
    }

    /** As umoci insert ends an archive: with the last byte of the last file. */
    @Test
    void next_paddingOfTheLastEntry_mayBeMissing() throws IOException {
        byte[] whole = tar().file("a", "alpha").file("b", "beta").bytes();
        assertThat(read(Arrays.copyOf(whole, 1024 + 512 + 4))).hasSize(2);
        assertRefused(tar().raw(Arrays.copyOf(whole, 1024 + 512 + 3)), "ends in the middle");
    }

    @Test
    void next_endMarker_mayBeOneBlockManyOrMissing() throws IOException {
        byte[] entry = tar().file("a", "b").bytes();
        for (int zeros : new int[] {0, 512, 1024, 10_240, 10_241}) {
            assertThat(read(tar().raw(entry).raw(new byte[zeros]).bytes())).hasSize(1);
        }
    }

    @Test
    void next_bytesAfterTheEnd_areRefused() {
        byte[] second = tar().file("b", "c").end().bytes();
        assertRefused(tar().file("a", "b").end().raw(second), "after the end of the archive");
        assertRefused(tar().file("a", "b").raw(new byte[512]).raw(second), "after the end of the archive");
        assertRefused(
                tar().file("a", "b").end().raw(new byte[9000]).raw(new byte[] {1}), "after the end of the archive");
    }

    /** What GNU tar and libarchive write of one folder; see the README beside them. */
    @ParameterizedTest
    @ValueSource(strings = {"gnu-tar-posix", "gnu-tar-gnu", "gnu-tar-v7", "bsdtar-pax"})
    void next_archivesOfTarPrograms_areRead(String program) throws IOException {
        byte[] archive;
        try (InputStream in = TarReaderTest.class.getResourceAsStream("LayerFuzzTestInputs/archive/" + program)) {
            archive = requireNonNull(in, program).readAllBytes();
        }
        Map<String, TarType> types = new HashMap<>();
        for (TarEntry entry : read(archive)) {
            types.put(entry.name().toString(), entry.type());
            if (program.contains("posix") || program.contains("pax")) {
                // libarchive states a link's attributes too
                boolean hasXattr = entry.name().equals(bytes("d/f"))
                        || (entry.type() == TarType.HARD_LINK && program.startsWith("bsdtar"));
                assertThat(entry.xattrs()).isEqualTo(hasXattr ? Map.of(bytes("user.a"), bytes("b")) : Map.of());
            }
        }
        Map<String, TarType> expected = new HashMap<>(Map.of(
                "d/", TarType.DIRECTORY,
                "d/f", TarType.FILE,
                "d/h", TarType.HARD_LINK,
                "d/s", TarType.SYMLINK,
                "d/.wh.gone", TarType.FILE));
        if (!program.endsWith("v7")) {
            expected.put("d/p", TarType.FIFO);
            expected.put("d/n", TarType.CHARACTER);
            expected.put("d/" + "n".repeat(120), TarType.FILE);
        }
        assertThat(types).isEqualTo(expected);
        assertThat(bodies).containsEntry("d/f", "hello\n");
    }
}
