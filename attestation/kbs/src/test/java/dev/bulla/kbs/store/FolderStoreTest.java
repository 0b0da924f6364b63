package dev.bulla.kbs.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.oci.SymmetricKey;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderStoreTest {
    private static final byte[] SECRET = "a secret of some length".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path folder = Path.of("set by the test engine");

    private static SymmetricKey key(int fill) {
        byte[] bytes = new byte[SymmetricKey.LENGTH];
        Arrays.fill(bytes, (byte) fill);
        return new SymmetricKey(bytes);
    }

    private FolderStore plain() throws StoreException {
        return FolderStore.open(folder, "repository", Optional.empty(), new SecureRandom());
    }

    private FolderStore sealed(int fill) throws StoreException {
        return FolderStore.open(folder, "repository", Optional.of(key(fill)), new SecureRandom());
    }

    private Path file(String name) {
        return folder.resolve("repository").resolve(name);
    }

    @Test
    void put_plain_isTrusteesFile() throws Exception {
        FolderStore store = plain();
        store.put("default/key/1", SECRET);
        assertThat(Files.readAllBytes(file("default\\x2Fkey\\x2F1"))).isEqualTo(SECRET);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file("default\\x2Fkey\\x2F1"))))
                .isEqualTo("rw-------");
        assertThat(plain().get("default/key/1")).contains(SECRET);
        assertThat(store.list()).singleElement().satisfies(entry -> {
            assertThat(entry.key()).isEqualTo("default/key/1");
            assertThat(entry.size()).isEqualTo(SECRET.length);
        });
    }

    @Test
    void put_again_replaces() throws Exception {
        FolderStore store = sealed(1);
        store.put("a/b/c", SECRET);
        store.put("a/b/c", new byte[] {1});
        assertThat(store.get("a/b/c")).contains(new byte[] {1});
        assertThat(store.list())
                .singleElement()
                .satisfies(entry -> assertThat(entry.size()).isEqualTo(1));
        assertThat(store.remove("a/b/c")).isTrue();
        assertThat(store.remove("a/b/c")).isFalse();
        assertThat(store.get("a/b/c")).isEmpty();
    }

    @Test
    void open_leftParts_areRemoved() throws Exception {
        plain();
        Files.writeString(file(".part-1"), "half");
        plain();
        assertThat(file(".part-1")).doesNotExist();
    }

    @Test
    void get_sealed_opensUnderItsKeyInItsPlaceOnly() throws Exception {
        sealed(1).put("a/b/c", SECRET);
        byte[] bytes = Files.readAllBytes(file("a\\x2Fb\\x2Fc"));
        assertThat(new String(bytes, StandardCharsets.ISO_8859_1)).doesNotContain("a secret");
        assertThat(sealed(1).get("a/b/c")).contains(SECRET);
        refused(sealed(2), "a/b/c", "was changed");
        refused(plain(), "a/b/c", "no key is given");
        Files.copy(file("a\\x2Fb\\x2Fc"), file("a\\x2Fb\\x2Fd"), StandardCopyOption.REPLACE_EXISTING);
        refused(sealed(1), "a/b/d", "was changed");
        for (int at : new int[] {0, 9, 21, bytes.length - 1}) {
            byte[] changed = bytes.clone();
            changed[at] ^= 1;
            Files.write(file("a\\x2Fb\\x2Fc"), changed);
            refused(sealed(1), "a/b/c", "repository/a/b/c: it ");
        }
    }

    @Test
    void get_plainWhereAKeyIsGiven_refused() throws Exception {
        plain().put("a/b/c", SECRET);
        refused(sealed(1), "a/b/c", "it is not sealed");
    }

    @Test
    void put_whatLooksSealed_refusedWithoutKey() throws Exception {
        sealed(1).put("a/b/c", SECRET);
        byte[] bytes = Files.readAllBytes(file("a\\x2Fb\\x2Fc"));
        assertThatThrownBy(() -> plain().put("x/y/z", bytes)).hasMessageContaining("looks sealed");
    }

    @Test
    void get_link_notFollowed() throws Exception {
        FolderStore store = plain();
        Files.writeString(folder.resolve("outside"), "outside");
        Files.createSymbolicLink(file("a"), folder.resolve("outside"));
        refused(store, "a", "cannot be read");
        assertThat(store.list()).isEmpty();
    }

    @Test
    void keys_thatAreNone_refused() throws Exception {
        FolderStore store = plain();
        for (String key : new String[] {"", ".", "..", "../x", ".a", "a\\b", "a\nb", "a b", "ü", "x".repeat(801)}) {
            assertThatThrownBy(() -> store.put(key, SECRET)).as(key).isInstanceOf(StoreException.class);
            assertThatThrownBy(() -> store.get(key)).as(key).isInstanceOf(StoreException.class);
            assertThatThrownBy(() -> store.remove(key)).as(key).isInstanceOf(StoreException.class);
        }
        store.put("x".repeat(255), SECRET);
        assertThatThrownBy(() -> store.put("x".repeat(256), SECRET)).hasMessageContaining("limit 255");
        store.put("a/../../b", SECRET);
        assertThat(file("a\\x2F..\\x2F..\\x2Fb")).exists();
    }

    @Test
    void openNested_olderFolder_isReadAndWritten() throws Exception {
        Path older = folder.resolve("older");
        Files.createDirectories(older.resolve("default").resolve("key"));
        Files.write(older.resolve("default").resolve("key").resolve("1"), SECRET);
        FolderStore store = FolderStore.openNested(older, "repository", Optional.empty(), new SecureRandom());
        assertThat(store.get("default/key/1")).contains(SECRET);
        store.put("a/b/c", new byte[] {1});
        assertThat(older.resolve("a").resolve("b").resolve("c")).exists();
        assertThat(store.list()).extracting(BlobStore.Entry::key).containsExactly("a/b/c", "default/key/1");
        for (String key : new String[] {"a/../b", "a//b", "a/.b", "/a", "a/"}) {
            assertThatThrownBy(() -> store.get(key)).as(key).isInstanceOf(StoreException.class);
        }
        FolderStore keyed = FolderStore.openNested(older, "repository", Optional.of(key(1)), new SecureRandom());
        refused(keyed, "a/b/c", "it is not sealed");
    }

    private static void refused(FolderStore store, String key, String reason) {
        assertThatThrownBy(() -> store.get(key))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining(reason);
    }
}
