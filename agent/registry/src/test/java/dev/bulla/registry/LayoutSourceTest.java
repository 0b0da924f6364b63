package dev.bulla.registry;

import static dev.bulla.registry.ScriptedRegistry.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.ManifestOrIndex;
import dev.bulla.oci.MediaTypes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LayoutSourceTest {
    private static final byte[] FIRST = utf8("{\"schemaVersion\":2}");
    private static final byte[] SECOND = utf8("{\"schemaVersion\":2 }");

    @TempDir
    private Path parent;

    private Path folder;

    @BeforeEach
    void write() throws IOException {
        folder = Files.createDirectories(parent.resolve("layout"));
        Files.createDirectories(folder.resolve("blobs/sha256"));
        Files.writeString(folder.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
        put(FIRST);
        put(SECOND);
        index(entry(FIRST, "v1"), entry(SECOND, "v2"));
    }

    private Descriptor put(byte[] content) throws IOException {
        Descriptor blob = ScriptedRegistry.describe(content);
        Files.write(file(blob.digest()), content);
        return blob;
    }

    private Path file(Digest digest) {
        return folder.resolve("blobs").resolve(digest.algorithm().id()).resolve(digest.hex());
    }

    private static String entry(byte[] manifest, String tag) {
        return "{\"mediaType\":\"" + MediaTypes.OCI_MANIFEST + "\",\"digest\":\""
                + Digest.Algorithm.SHA256.of(manifest) + "\",\"size\":" + manifest.length
                + ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"" + tag + "\"}}";
    }

    private void index(String... entries) throws IOException {
        Files.writeString(
                folder.resolve("index.json"),
                "{\"schemaVersion\":2,\"manifests\":[" + String.join(",", entries) + "]}");
    }

    @Test
    void fetchByTag_known_isItsManifest() throws IOException {
        try (LayoutSource layout = LayoutSource.open(folder)) {
            FetchedManifest fetched = layout.fetchByTag("v2");
            assertThat(fetched.bytes()).isEqualTo(SECOND);
            assertThat(fetched.digest()).isEqualTo(Digest.Algorithm.SHA256.of(SECOND));
            assertThat(fetched.mediaType()).contains(MediaTypes.OCI_MANIFEST);
            assertThat(fetched.source()).isEqualTo("oci:" + folder.toRealPath());
            assertThat(layout.fetchByDigest(fetched.digest()).source()).isEqualTo(fetched.source());
        }
    }

    @Test
    void fetchByTag_unknown_isNotFound() throws IOException {
        try (LayoutSource layout = LayoutSource.open(folder)) {
            assertThatThrownBy(() -> layout.fetchByTag("v3"))
                    .isInstanceOf(NotFoundException.class)
                    .hasMessageContaining("got 0 images of the tag \"v3\"");
        }
    }

    @Test
    void fetchByTag_ambiguous_isNotFound() throws IOException {
        index(entry(FIRST, "v1"), entry(SECOND, "v1"));
        try (LayoutSource layout = LayoutSource.open(folder)) {
            assertThatThrownBy(() -> layout.fetchByTag("v1")).hasMessageContaining("got 2 images");
        }
    }

    @Test
    void fetchOnly_one_isIt() throws IOException {
        index(entry(FIRST, "v1"));
        try (LayoutSource layout = LayoutSource.open(folder)) {
            assertThat(layout.fetchOnly().bytes()).isEqualTo(FIRST);
        }
    }

    @Test
    void fetchOnly_signaturesBesideIt_doNotCount() throws IOException {
        index(entry(FIRST, "v1"), entry(SECOND, "sha256-" + "0".repeat(64) + ".sig"));
        try (LayoutSource layout = LayoutSource.open(folder)) {
            assertThat(layout.fetchOnly().bytes()).isEqualTo(FIRST);
        }
    }

    @Test
    void fetchOnly_several_isNotFound() throws IOException {
        try (LayoutSource layout = LayoutSource.open(folder)) {
            assertThatThrownBy(layout::fetchOnly)
                    .isInstanceOf(NotFoundException.class)
                    .hasMessageContaining("got 2 images, expected one");
        }
    }

    @Test
    void fetchByDigest_notInTheIndex_isVerified() throws IOException {
        byte[] other = utf8("{}");
        Descriptor blob = put(other);
        try (LayoutSource layout = LayoutSource.open(folder)) {
            FetchedManifest fetched = layout.fetchByDigest(blob.digest());
            assertThat(fetched.bytes()).isEqualTo(other);
            assertThat(fetched.mediaType()).isEmpty();
        }
    }

    @Test
    void fetchByDigest_otherContent_isRefused() throws IOException {
        Digest digest = Digest.Algorithm.SHA256.of(utf8("named"));
        Files.write(file(digest), utf8("other"));
        try (LayoutSource layout = LayoutSource.open(folder)) {
            assertThatThrownBy(() -> layout.fetchByDigest(digest)).isInstanceOf(ContentMismatchException.class);
        }
    }

    @Test
    void fetchByDigest_overTheLimit_isRefused() throws IOException {
        Digest digest = Digest.Algorithm.SHA256.of(utf8("named"));
        Files.write(file(digest), new byte[ManifestOrIndex.MAX_SIZE + 1]);
        try (LayoutSource layout = LayoutSource.open(folder)) {
            assertThatThrownBy(() -> layout.fetchByDigest(digest))
                    .isInstanceOf(ContentMismatchException.class)
                    .hasMessageContaining("more than 4194304 bytes");
        }
    }

    @Test
    void openBlob_right_isItsBytes() throws IOException {
        Descriptor blob = put(utf8("layer"));
        try (LayoutSource layout = LayoutSource.open(folder);
                InputStream in = layout.openBlob(blob)) {
            assertThat(in.readAllBytes()).isEqualTo(utf8("layer"));
            assertThat(layout.readBlob(blob, 5)).isEqualTo(utf8("layer"));
        }
    }

    @Test
    void openBlob_flippedBit_isRefused() throws IOException {
        Descriptor blob = put(utf8("layer"));
        Files.write(file(blob.digest()), utf8("layes"));
        try (LayoutSource layout = LayoutSource.open(folder)) {
            assertThatThrownBy(() -> layout.readBlob(blob, 5))
                    .isInstanceOf(ContentMismatchException.class)
                    .hasMessageContaining("expected " + blob.digest());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"laye", "layers"})
    void openBlob_otherSize_isRefused(String content) throws IOException {
        Descriptor blob = put(utf8("layer"));
        Files.write(file(blob.digest()), utf8(content));
        try (LayoutSource layout = LayoutSource.open(folder)) {
            assertThatThrownBy(() -> layout.openBlob(blob))
                    .isInstanceOf(ContentMismatchException.class)
                    .hasMessageContaining("got " + content.length() + " bytes, expected 5 bytes");
        }
    }

    @Test
    void readBlob_overTheCallersLimit_isRefused() throws IOException {
        Descriptor blob = put(utf8("layer"));
        try (LayoutSource layout = LayoutSource.open(folder)) {
            assertThatThrownBy(() -> layout.readBlob(blob, 4)).isInstanceOf(ContentMismatchException.class);
        }
    }

    @Test
    void openBlob_absent_isNotFound() throws IOException {
        try (LayoutSource layout = LayoutSource.open(folder)) {
            assertThatThrownBy(() -> layout.openBlob(ScriptedRegistry.describe(utf8("absent"))))
                    .isInstanceOf(NotFoundException.class);
        }
    }

    @Test
    void openBlob_linkOutOfTheLayout_isRefused() throws IOException {
        byte[] secret = utf8("secret");
        Path outside = Files.write(parent.resolve("secret"), secret);
        Descriptor blob = ScriptedRegistry.describe(secret);
        Files.createSymbolicLink(file(blob.digest()), outside);
        try (LayoutSource layout = LayoutSource.open(folder)) {
            assertThatThrownBy(() -> layout.openBlob(blob))
                    .isInstanceOf(ContentMismatchException.class)
                    .hasMessageContaining("a link out of the layout");
        }
    }

    @Test
    void openBlob_linkedFolderOutOfTheLayout_isRefused() throws IOException {
        byte[] content = utf8("content");
        Descriptor blob = put(content);
        Path moved = parent.resolve("moved");
        Files.move(folder.resolve("blobs"), moved);
        Files.createSymbolicLink(folder.resolve("blobs"), moved);
        try (LayoutSource layout = LayoutSource.open(folder)) {
            assertThatThrownBy(() -> layout.openBlob(blob)).hasMessageContaining("a link out of the layout");
        }
    }

    @Test
    void openBlob_linkWithinTheLayout_isFollowed() throws IOException {
        byte[] content = utf8("content");
        Descriptor blob = ScriptedRegistry.describe(content);
        Files.write(folder.resolve("shared"), content);
        Files.createSymbolicLink(file(blob.digest()), Path.of("../../shared"));
        try (LayoutSource layout = LayoutSource.open(folder)) {
            assertThat(layout.readBlob(blob, 100)).isEqualTo(content);
        }
    }

    @Test
    void openBlob_folderInItsPlace_isRefused() throws IOException {
        Descriptor blob = ScriptedRegistry.describe(utf8("x"));
        Files.createDirectories(file(blob.digest()));
        try (LayoutSource layout = LayoutSource.open(folder)) {
            assertThatThrownBy(() -> layout.openBlob(blob)).hasMessageContaining("no regular file");
        }
    }

    @Test
    void open_layoutItselfALink_isFollowed() throws IOException {
        Path link = Files.createSymbolicLink(parent.resolve("link"), folder);
        try (LayoutSource layout = LayoutSource.open(link)) {
            assertThat(layout.fetchByTag("v1").bytes()).isEqualTo(FIRST);
        }
    }

    @Test
    void open_noFolder_isNotFound() {
        assertThatThrownBy(() -> LayoutSource.open(parent.resolve("absent"))).isInstanceOf(NotFoundException.class);
    }

    @Test
    void open_noLayout_isNotFound() throws IOException {
        Files.delete(folder.resolve("oci-layout"));
        assertThatThrownBy(() -> LayoutSource.open(folder))
                .isInstanceOf(NotFoundException.class)
                .hasMessageContaining("oci-layout");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"imageLayoutVersion\":\"2.0.0\"}", "{}", "x"})
    void open_anotherVersion_isRefused(String text) throws IOException {
        Files.writeString(folder.resolve("oci-layout"), text);
        assertThatThrownBy(() -> LayoutSource.open(folder))
                .isInstanceOf(ContentMismatchException.class)
                .hasMessageContaining("oci-layout");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{\"schemaVersion\":2}", "{\"schemaVersion\":2,\"manifests\":[{}]}"})
    void open_malformedIndex_isRefused(String text) throws IOException {
        Files.writeString(folder.resolve("index.json"), text);
        assertThatThrownBy(() -> LayoutSource.open(folder))
                .isInstanceOf(ContentMismatchException.class)
                .hasMessageContaining("index.json");
    }

    private static String listed(Digest digest, long size) {
        return "{\"mediaType\":\"" + MediaTypes.OCI_MANIFEST + "\",\"digest\":\"" + digest + "\",\"size\":" + size
                + "}";
    }

    private static Digest absent(int number) {
        return Digest.Algorithm.SHA256.of(new byte[] {(byte) number, 42});
    }

    private Descriptor referrer(Digest subject) throws IOException {
        return put(("{\"schemaVersion\":2,\"mediaType\":\"" + MediaTypes.OCI_MANIFEST
                        + "\",\"artifactType\":\"a/b\",\"config\":{\"mediaType\":\"application/vnd.oci.empty.v1+json\",\"digest\":\""
                        + subject + "\",\"size\":2},\"layers\":[],\"subject\":" + listed(subject, 2) + "}")
                .getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void referrers_askedAgain_readNothingAgain() throws IOException {
        Digest subject = Digest.Algorithm.SHA256.of(FIRST);
        Descriptor referrer = referrer(subject);
        String entry = listed(referrer.digest(), referrer.size());
        index(entry, entry, entry);
        try (LayoutSource layout = LayoutSource.open(folder)) {
            assertThat(layout.referrers(subject, "a/b")).hasSize(1);
            Files.delete(file(referrer.digest()));
            assertThat(layout.referrers(subject, "a/b")).hasSize(1);
            assertThat(layout.referrers(subject, "a/c")).isEmpty();
            assertThat(layout.referrers(absent(1), "a/b")).isEmpty();
        }
    }

    @Test
    void referrers_manifestThatIsNotThere_isPassedOver() throws IOException {
        Digest subject = Digest.Algorithm.SHA256.of(FIRST);
        Descriptor referrer = referrer(subject);
        index(listed(absent(1), 100), listed(referrer.digest(), referrer.size()));
        try (LayoutSource layout = LayoutSource.open(folder)) {
            assertThat(layout.referrers(subject, "a/b")).hasSize(1);
        }
    }

    @Test
    void referrers_manifestsAtAndOverTheLimitTogether_readOrRefused() throws IOException {
        int manifests = (int) (LayoutSource.MAX_MANIFESTS_LENGTH / ManifestOrIndex.MAX_SIZE);
        String[] entries = new String[manifests];
        for (int i = 0; i < manifests; i++) {
            entries[i] = listed(absent(i), ManifestOrIndex.MAX_SIZE);
        }
        index(entries);
        try (LayoutSource layout = LayoutSource.open(folder)) {
            assertThat(layout.referrers(absent(99), "a/b")).isEmpty();
        }
        index(String.join(",", entries), listed(absent(manifests), 1));
        try (LayoutSource layout = LayoutSource.open(folder)) {
            assertThatThrownBy(() -> layout.referrers(absent(99), "a/b"))
                    .isInstanceOf(ContentMismatchException.class)
                    .hasMessageContaining("manifests of more than " + LayoutSource.MAX_MANIFESTS_LENGTH + " bytes");
        }
    }
}
