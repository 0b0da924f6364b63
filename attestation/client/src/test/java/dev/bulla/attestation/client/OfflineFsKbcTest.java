package dev.bulla.attestation.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bulla.oci.ResourceException;
import dev.bulla.oci.json.JsonCursor;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OfflineFsKbcTest {
    @TempDir
    private Path folder;

    /** Image-rs's own files, one after another: of one name the last has it. */
    @Test
    void fetch_imageRsFiles_givesEveryResource() throws Exception {
        Path data = Path.of(System.getProperty("bulla.conformance", ""), "coco", "image-rs", "offline-fs-kbc");
        assumeTrue(Files.isDirectory(data), "no conformance data: " + data);
        List<Path> files;
        try (var all = Files.list(data)) {
            files = all.sorted().toList();
        }
        assertThat(files).isNotEmpty();
        OfflineFsKbc all = OfflineFsKbc.load(files);
        for (Path file : files) {
            OfflineFsKbc alone = OfflineFsKbc.load(List.of(file));
            assertThat(alone.warnings()).isEmpty();
            Map<String, String> expected =
                    JsonCursor.parse(Files.readAllBytes(file)).stringMap();
            for (var resource : expected.entrySet()) {
                URI uri = URI.create("kbs:///" + resource.getKey());
                assertThat(alone.fetch(uri, OfflineFsKbc.MAX_FILE))
                        .isEqualTo(Base64.getDecoder().decode(resource.getValue()));
                assertThat(all.fetch(uri, OfflineFsKbc.MAX_FILE)).isNotEmpty();
            }
        }
    }

    @Test
    void load_filesMerged_laterReplacesAndSaysSo() throws Exception {
        Path first = write("first", "{\"a/b/c\":\"AQ==\",\"a/b/d\":\"Ag==\"}");
        Path second = write("second", "{\"a/b/c\":\"Aw==\"}");
        Path absent = folder.resolve("absent");
        OfflineFsKbc kbc = OfflineFsKbc.load(List.of(first, absent, second));
        assertThat(kbc.fetch(URI.create("kbs:///a/b/c"), 1)).containsExactly(3);
        assertThat(kbc.fetch(URI.create("kbs+resource://host/a/b/d?x"), 1)).containsExactly(2);
        assertThat(kbc.warnings())
                .containsExactly(
                        "offline_fs_kbc: there is no file " + absent, "offline_fs_kbc: " + second + " replaces a/b/c");
        assertThat(kbc).hasToString("OfflineFsKbc[2 resources]");
    }

    @Test
    void load_noFiles_isEmpty() throws Exception {
        OfflineFsKbc kbc = OfflineFsKbc.load(List.of());
        refused(kbc, "kbs:///a/b/c", 1, ResourceException.Reason.NOT_FOUND);
    }

    @Test
    void fetch_notToBeHad_refused() throws Exception {
        OfflineFsKbc kbc = OfflineFsKbc.load(List.of(write("file", "{\"a/b/c\":\"AQI=\",\"a/b/d\":\"\"}")));
        refused(kbc, "kbs:///a/b/e", 9, ResourceException.Reason.NOT_FOUND);
        refused(kbc, "kbs+pkcs11:///a/b/c", 9, ResourceException.Reason.NOT_FOUND);
        refused(kbc, "kbs:///a/b", 9, ResourceException.Reason.REFUSED);
        refused(kbc, "file:///a/b/c", 9, ResourceException.Reason.REFUSED);
        refused(kbc, "kbs:///a/b/c", 1, ResourceException.Reason.TOO_LARGE);
        assertThat(kbc.fetch(URI.create("kbs:///a/b/c"), 2)).hasSize(2);
        assertThat(kbc.fetch(URI.create("kbs:///a/b/d"), 0)).isEmpty();
    }

    /** What is given is the caller's to wipe. */
    @Test
    void fetch_wipedByTheCaller_isGivenAgain() throws Exception {
        OfflineFsKbc kbc = OfflineFsKbc.load(List.of(write("file", "{\"a/b/c\":\"AQ==\"}")));
        kbc.fetch(URI.create("kbs:///a/b/c"), 1)[0] = 0;
        assertThat(kbc.fetch(URI.create("kbs:///a/b/c"), 1)).containsExactly(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{ not valid json }",
                "{\"a/b/c\":1}",
                "{\"a/b/c\":null}",
                "{\"a/b/c\":\"A\"}",
                "{\"a/b/c\":\"AQ\"}",
                "{\"a/b/c\":\"AR==\"}",
                "{\"a/b/c\":\"_w==\"}",
                "{\"a/b/c\":\"AQ==\\n\"}",
                "{\"a/b/c\":\"AQ==\",\"a/b/c\":\"AQ==\"}",
                "{\"a/b\":\"AQ==\"}",
                "{\"a/b/../c\":\"AQ==\"}",
                "{\"kbs:///a/b/c\":\"AQ==\"}",
            })
    void load_malformed_refused(String text) throws Exception {
        Path file = write("file", text);
        assertThatThrownBy(() -> OfflineFsKbc.load(List.of(file)))
                .isInstanceOf(KbsConfigurationException.class)
                .hasMessageStartingWith("offline_fs_kbc: " + file + ": ")
                .hasMessageNotContaining("\n");
    }

    @Test
    void load_valueThatIsNoBase64_refusedWithoutIt() throws Exception {
        Path file = write("file", "{\"a/b/c\":\"secret!\"}");
        assertThatThrownBy(() -> OfflineFsKbc.load(List.of(file)))
                .hasMessageContaining("not canonical base64")
                .hasMessageNotContaining("secret");
    }

    @Test
    void load_fileAtAndOverTheLimit_readAndRefused() throws Exception {
        String text = "{\"a/b/c\":\"AQ==\"}";
        Path file = write("file", text + " ".repeat(OfflineFsKbc.MAX_FILE - text.length()));
        assertThat(OfflineFsKbc.load(List.of(file)).warnings()).isEmpty();
        Path larger = write("larger", Files.readString(file) + " ");
        assertThatThrownBy(() -> OfflineFsKbc.load(List.of(larger)))
                .isInstanceOf(KbsConfigurationException.class)
                .hasMessageContaining("limit of 16777216 bytes");
    }

    @Test
    void load_folder_refused() {
        assertThatThrownBy(() -> OfflineFsKbc.load(List.of(folder)))
                .isInstanceOf(KbsConfigurationException.class)
                .hasMessageContaining("cannot be read");
    }

    private Path write(String name, String text) throws Exception {
        return Files.writeString(folder.resolve(name), text);
    }

    private static void refused(OfflineFsKbc kbc, String uri, int limit, ResourceException.Reason reason) {
        assertThatThrownBy(() -> kbc.fetch(URI.create(uri), limit))
                .isInstanceOfSatisfying(
                        ResourceException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }
}
