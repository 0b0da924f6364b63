package dev.bulla.guest.delta;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.composefs.store.Staging;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.composefs.tree.Metadata;
import dev.bulla.guest.layer.LayerException;
import dev.bulla.guest.layer.RawHeader;
import dev.bulla.guest.layer.TarBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Whatever the strict reader takes comes back, byte for byte: with its own tree, with another one, and with none. */
class DeltaPropertyTest {
    private static Path folder = Path.of("");

    @BeforeContainer
    static void createFolder() throws IOException {
        folder = Files.createTempDirectory("delta");
    }

    @AfterContainer
    static void deleteFolder() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(file);
            }
        }
    }

    @Property(tries = 150)
    void rebuild_anyArchive_isTheArchive(@ForAll("archives") byte[] tar, @ForAll("archives") byte[] other)
            throws IOException {
        check(tar, other);
    }

    @Property(tries = 600)
    void rebuild_changedArchiveThatIsStillRead_isTheArchive(
            @ForAll("archives") byte[] tar,
            @ForAll @IntRange(max = 6 * 512) int at,
            @ForAll @Size(min = 1, max = 3) byte[] change,
            @ForAll boolean fixChecksum,
            @ForAll @IntRange(max = 2000) int cut)
            throws IOException {
        byte[] changed = tar.clone();
        for (int i = 0; i < change.length && at + i < changed.length; i++) {
            changed[at + i] = change[i];
        }
        if (fixChecksum && at / 512 * 512 + 512 <= changed.length) {
            byte[] block = Arrays.copyOfRange(changed, at / 512 * 512, at / 512 * 512 + 512);
            CanonicalHeaders.sign(block);
            System.arraycopy(block, 0, changed, at / 512 * 512, 512);
        }
        check(cut < changed.length ? Arrays.copyOf(changed, changed.length - cut) : changed, tar);
    }

    private static void check(byte[] tar, byte[] other) throws IOException {
        Archive archive;
        try {
            archive = new Archive(tar);
        } catch (LayerException e) {
            return; // no pull takes it
        }
        Directory none = new Directory(Metadata.ofRoot(0755));
        assertThat(archive.rebuilt(archive.delta(none), none)).isEqualTo(tar);
        for (byte[] source : List.of(tar, other)) {
            Directory tree = tree(source, none);
            assertThat(archive.rebuilt(archive.delta(tree), tree)).isEqualTo(tar);
        }
    }

    private static Directory tree(byte[] tar, Directory otherwise) throws IOException {
        try (ObjectStore store = ObjectStore.open(folder.resolve("store"), VerityAlgorithm.SHA256_4K);
                Staging staging = Staging.begin(store.folder(), "test")) {
            return new Archive(tar).tree(store, staging);
        } catch (LayerException e) {
            return otherwise; // an archive that reads well, and a layer that is refused
        }
    }

    @Provide
    Arbitrary<byte[]> archives() {
        Arbitrary<String> names = Arbitraries.of("a", "b", "ü", "n".repeat(90))
                .list()
                .ofMinSize(1)
                .ofMaxSize(3)
                .map(parts -> String.join("/", parts));
        Arbitrary<byte[]> entries = Combinators.combine(
                        Arbitraries.of("", "./", "/"),
                        names,
                        Arbitraries.of('0', '0', '0', '1', '2', '3', '5', '5', '6', '\0', 'w'),
                        names,
                        Arbitraries.of(0, 1, 64, 65, 600),
                        Arbitraries.of("plain", "gnu", "v7", "names"),
                        Arbitraries.of("", "mtime", "xattr", "label", "comment"),
                        Arbitraries.of(0, 0, 0, 1000, 0x200000))
                .as(DeltaPropertyTest::entry);
        return Combinators.combine(entries.list().ofMaxSize(6), Arbitraries.of(0, 512, 1024, 10240))
                .as((list, zeros) -> {
                    TarBuilder tar = new TarBuilder();
                    list.forEach(tar::raw);
                    return tar.raw(new byte[zeros]).bytes();
                });
    }

    private static byte[] entry(
            String prefix, String path, char type, String target, int size, String form, String record, int owner) {
        TarBuilder tar = new TarBuilder();
        String name = prefix + (type == 'w' ? ".wh." + path.replace('/', '_') : path) + (type == '5' ? "/" : "");
        boolean isLong = name.getBytes(StandardCharsets.UTF_8).length > 100;
        String[] records = Stream.of(
                        isLong && !form.equals("gnu") ? "path=" + name : "",
                        owner > 0x1fffff ? "uid=" + owner : "",
                        record.equals("mtime") ? "mtime=1.5" : "",
                        record.equals("xattr") ? "SCHILY.xattr.user.x=" + target : "",
                        record.equals("label") ? "SCHILY.xattr.security.selinux=label" : "",
                        record.equals("comment") ? "comment=" + size : "")
                .filter(text -> !text.isEmpty())
                .toArray(String[]::new);
        if (isLong && form.equals("gnu")) {
            tar.longName(name);
        }
        if (records.length > 0) {
            tar.pax(records);
        }
        RawHeader header = RawHeader.of(type == 'w' ? '0' : type, isLong ? "long" : name)
                .mode(type == '2' ? 0777 : 0644)
                .owner(owner > 0x1fffff ? 0 : owner, owner > 0x1fffff ? 0 : owner)
                .mtime(size);
        header = switch (form) {
            case "gnu" -> header.gnu();
            case "v7" -> header.v7();
            case "names" -> header.put(265, "root").put(297, "wheel" + owner % 3);
            default -> header;
        };
        if (type == '1' || type == '2') {
            header.link(target.substring(0, Math.min(40, target.length())).replace("ü", "u"));
        }
        if (type == '3') {
            header.device(1, 3);
        }
        boolean hasBody = type == '0' || type == 0;
        return (hasBody
                        ? tar.entry(
                                header.size(size),
                                path.repeat(600)
                                        .substring(0, size)
                                        .replace("ü", "u")
                                        .getBytes(StandardCharsets.UTF_8))
                        : tar.entry(header))
                .bytes();
    }
}
