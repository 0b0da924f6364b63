package dev.bulla.provision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.MediaTypes;
import dev.bulla.registry.LayoutSource;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayoutWriterTest {
    private static final byte[] CONTENT = "content".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    private Path folder = Path.of("set by the test engine");

    @Test
    void putManifest_sameTagTwice_theLastHasIt() throws Exception {
        TestImage.write(folder, "t", 1);
        TestImage.write(folder, "t", 2);
        TestImage.write(folder, "other", 1);

        try (LayoutWriter writer = LayoutWriter.open(folder);
                LayoutSource source = LayoutSource.open(folder)) {
            assertThat(writer.tags()).containsOnlyKeys("t", "other");
            assertThat(writer.tags())
                    .containsEntry("t", source.fetchByTag("t").digest().toString());
        }
    }

    @Test
    void putBlob_contentOfAnotherDigestOrSize_isRefusedAndGone() throws Exception {
        Digest digest = Digest.Algorithm.SHA256.of(CONTENT);
        try (LayoutWriter writer = LayoutWriter.open(folder)) {
            Descriptor longer = Descriptor.of("t", digest, CONTENT.length + 1);
            Descriptor other = Descriptor.of("t", Digest.Algorithm.SHA256.of(new byte[1]), CONTENT.length);
            for (Descriptor wrong : new Descriptor[] {longer, other}) {
                assertThatThrownBy(() -> writer.putBlob(wrong, () -> new ByteArrayInputStream(CONTENT)))
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("expected " + wrong.digest());
            }
            writer.putBlob(Descriptor.of("t", digest, CONTENT.length), () -> new ByteArrayInputStream(CONTENT));
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(file -> String.valueOf(file.getFileName())))
                    .containsExactlyInAnyOrder("blobs", "index.json", "oci-layout");
        }
        assertThat(Files.readAllBytes(folder.resolve("blobs").resolve("sha256").resolve(digest.hex())))
                .isEqualTo(CONTENT);
    }

    @Test
    void open_indexThatIsNone_isRefused() throws Exception {
        Files.writeString(folder.resolve("index.json"), "{}");
        assertThatThrownBy(() -> LayoutWriter.open(folder)).isInstanceOf(IOException.class);
    }

    @Test
    void open_foreignEntries_areKept() throws Exception {
        String entry = "{\"mediaType\":\"" + MediaTypes.OCI_MANIFEST + "\",\"digest\":\""
                + Digest.Algorithm.SHA256.of(CONTENT) + "\",\"size\":7,\"artifactType\":\"x/y\"}";
        Files.writeString(folder.resolve("index.json"), "{\"schemaVersion\":2,\"manifests\":[" + entry + "]}");
        try (LayoutWriter writer = LayoutWriter.open(folder)) {
            writer.putManifest(MediaTypes.OCI_MANIFEST, CONTENT, Optional.of("t"));
        }
        assertThat(Files.readString(folder.resolve("index.json"))).contains("\"artifactType\":\"x/y\"");
    }
}
