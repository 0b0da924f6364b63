package dev.bulla.guest.layer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.oci.Digest;
import dev.bulla.oci.LayerMediaType.Compression;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** The tar reader beside commons-compress: what that writes is read as meant; what both read, both read alike. */
class TarRoundTripPropertyTest {
    /** An entry as both readers see it. */
    private record Seen(
            ByteString name,
            int type,
            ByteString link,
            int permissions,
            long uid,
            long gid,
            Instant mtime,
            ByteString body) {
        Seen {
            if (type == 0) {
                type = name.length() > 0 && name.at(name.length() - 1) == '/' ? '5' : '0';
            }
        }
    }

    @Property(tries = 300)
    void read_whatCommonsCompressWrites_isWhatWasMeant(@ForAll("entries") List<Seen> entries, @ForAll boolean posix)
            throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(out, StandardCharsets.UTF_8.name())) {
            tar.setLongFileMode(posix ? TarArchiveOutputStream.LONGFILE_POSIX : TarArchiveOutputStream.LONGFILE_GNU);
            tar.setBigNumberMode(
                    posix ? TarArchiveOutputStream.BIGNUMBER_POSIX : TarArchiveOutputStream.BIGNUMBER_STAR);
            tar.setAddPaxHeadersForNonAsciiNames(posix);
            for (Seen entry : entries) {
                write(tar, posix ? entry : wholeSeconds(entry));
            }
        }
        List<Seen> expected = posix
                ? entries
                : entries.stream().map(TarRoundTripPropertyTest::wholeSeconds).toList();
        assertThat(readOurs(out.toByteArray())).isEqualTo(expected);
    }

    @Property(tries = 3000)
    void read_changedArchive_isRefusedOrReadAsCommonsCompressDoes(
            @ForAll @IntRange(min = 0, max = 4 * 512 - 1) int at,
            @ForAll @Size(min = 1, max = 4) byte[] change,
            @ForAll boolean fixChecksum)
            throws IOException {
        byte[] archive = new TarBuilder()
                .pax("path=a/long/name", "mtime=5.25")
                .file("short", "what a file holds")
                .longName("another/name")
                .symlink("b", "target")
                .end()
                .bytes();
        for (int i = 0; i < change.length && at + i < archive.length; i++) {
            archive[at + i] = change[i];
        }
        if (fixChecksum) {
            fixChecksum(archive, at / 512 * 512);
        }
        List<Seen> ours;
        try {
            ours = readOurs(archive);
        } catch (LayerException e) {
            return;
        }
        assertThat(readTheirs(archive))
                .as("at %d: %s", at, Arrays.toString(change))
                .isEqualTo(ours.stream().map(TarRoundTripPropertyTest::ascii).toList());
    }

    private static void fixChecksum(byte[] archive, int block) {
        Arrays.fill(archive, block + 148, block + 156, (byte) ' ');
        int sum = 0;
        for (int i = block; i < block + 512; i++) {
            sum += archive[i] & 0xff;
        }
        byte[] field = String.format(Locale.ROOT, "%06o\0 ", sum).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(field, 0, archive, block + 148, field.length);
    }

    private static Seen wholeSeconds(Seen entry) {
        Instant whole = Instant.ofEpochSecond(entry.mtime.getEpochSecond());
        return new Seen(entry.name, entry.type, entry.link, entry.permissions, entry.uid, entry.gid, whole, entry.body);
    }

    private static void write(TarArchiveOutputStream tar, Seen seen) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(seen.name.toString(), (byte) seen.type, true);
        entry.setLinkName(seen.link.toString());
        entry.setMode(seen.permissions);
        entry.setUserId(seen.uid);
        entry.setGroupId(seen.gid);
        entry.setLastModifiedTime(FileTime.from(seen.mtime));
        entry.setSize(seen.body.length());
        tar.putArchiveEntry(entry);
        tar.write(seen.body.toByteArray());
        tar.closeArchiveEntry();
    }

    private static List<Seen> readOurs(byte[] archive) throws IOException {
        LayerLimits limits = LayerLimits.DEFAULTS;
        CountingSource source = new CountingSource(new ByteArrayInputStream(archive));
        LayerBytes bytes = new LayerBytes(
                DecompressedStream.open(source, Compression.NONE),
                Optional.of(new DiffIdHash(Digest.Algorithm.SHA256)),
                limits,
                new LayerBudget(limits),
                ArchiveSink.NONE);
        TarReader reader = new TarReader(bytes, limits);
        List<Seen> seen = new ArrayList<>();
        for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
            int type = switch (entry.type()) {
                case FILE -> '0';
                case HARD_LINK -> '1';
                case SYMLINK -> '2';
                case CHARACTER -> '3';
                case BLOCK -> '4';
                case DIRECTORY -> '5';
                case FIFO -> '6';
            };
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            reader.copyBody(body);
            seen.add(new Seen(
                    entry.name(),
                    type,
                    entry.link(),
                    entry.permissions(),
                    entry.uid(),
                    entry.gid(),
                    Instant.ofEpochSecond(entry.mtime().seconds(), entry.mtime().nanos()),
                    ByteString.of(body.toByteArray())));
        }
        return seen;
    }

    private static List<Seen> readTheirs(byte[] archive) throws IOException {
        List<Seen> seen = new ArrayList<>();
        try (TarArchiveInputStream tar =
                new TarArchiveInputStream(new ByteArrayInputStream(archive), StandardCharsets.ISO_8859_1.name())) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                boolean isLink = entry.isLink() || entry.isSymbolicLink();
                seen.add(ascii(new Seen(
                        latin1(entry.getName()),
                        entry.isDirectory() ? TarConstants.LF_DIR : entry.getLinkFlag(),
                        isLink ? latin1(entry.getLinkName()) : ByteString.EMPTY,
                        entry.getMode() & 07777,
                        entry.getLongUserId(),
                        entry.getLongGroupId(),
                        entry.getLastModifiedTime().toInstant(),
                        ByteString.of(tar.readAllBytes()))));
            }
        }
        return seen;
    }

    /**
     * An entry without what commons-compress changes: it makes text of names, here bytes stay bytes; and it takes leading
     * slashes off itself, which here {@link EntryPath} does later.
     */
    private static Seen ascii(Seen seen) {
        ByteString name = ascii(seen.name);
        while (name.startsWith(ByteString.utf8("/"))) {
            name = name.substring(1);
        }
        return new Seen(name, seen.type, ascii(seen.link), seen.permissions, seen.uid, seen.gid, seen.mtime, seen.body);
    }

    private static ByteString ascii(ByteString name) {
        String text = new String(name.toByteArray(), StandardCharsets.ISO_8859_1);
        return ByteString.utf8(text.replaceAll("[^\\x00-\\x3e\\x40-\\x7f]+", "?"));
    }

    private static ByteString latin1(String text) {
        return ByteString.of(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Provide
    Arbitrary<List<Seen>> entries() {
        Arbitrary<String> names = Arbitraries.strings()
                .withChars('a', 'b', '/', ' ', 'ü', '界', '\n', '=')
                .ofMinLength(1)
                .ofMaxLength(300)
                .filter(name -> !name.startsWith("/") && !name.endsWith("/"));
        Arbitrary<ByteString> bodies =
                Arbitraries.bytes().array(byte[].class).ofMaxSize(2000).map(ByteString::of);
        Arbitrary<Instant> times = Combinators.combine(
                        Arbitraries.longs().between(0, 1L << 40),
                        Arbitraries.integers().between(0, 9_999_999))
                .as((seconds, ticks) -> Instant.ofEpochSecond(seconds, ticks * 100L)); // as fine as it writes
        return Combinators.combine(
                        names,
                        Arbitraries.of('0', '1', '2', '3', '4', '5', '6'),
                        names,
                        Arbitraries.integers().between(0, 07777),
                        Arbitraries.longs().between(0, 0xffff_ffffL),
                        Arbitraries.longs().between(0, 0xffff_ffffL),
                        times,
                        bodies)
                .as((name, type, link, permissions, uid, gid, time, body) -> new Seen(
                        ByteString.utf8(type == '5' ? name + "/" : name),
                        type,
                        type == '1' || type == '2' ? ByteString.utf8(link) : ByteString.EMPTY,
                        permissions,
                        uid,
                        gid,
                        time,
                        type == '0' ? body : ByteString.EMPTY))
                .list()
                .ofMaxSize(6);
    }
}
