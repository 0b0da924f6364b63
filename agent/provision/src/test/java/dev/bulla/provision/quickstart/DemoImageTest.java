package dev.bulla.provision.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdInputStream;
import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageConfig;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.ManifestOrIndex;
import dev.bulla.provision.LayoutWriter;
import dev.bulla.registry.FetchedManifest;
import dev.bulla.registry.LayoutSource;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoImageTest {
    @TempDir
    private Path folder = Path.of("set by the test engine");

    @Test
    void write_image_hasWhatLayersCanDo() throws Exception {
        try (LayoutWriter layout = LayoutWriter.open(folder)) {
            DemoImage.write(
                    layout, "t", Path.of(System.getProperty("java.home", "")), Instant.parse("2026-11-21T00:00:00.5Z"));
        }
        try (LayoutSource source = LayoutSource.open(folder)) {
            FetchedManifest fetched = source.fetchByTag("t");
            Manifest manifest = (Manifest) ManifestOrIndex.parse(fetched.bytes(), fetched.mediaType());
            ImageConfig config = ImageConfig.parse(source.readBlob(manifest.config(), ImageConfig.MAX_SIZE));
            assertThat(manifest.layers()).hasSize(3);
            assertThat(config.diffIds()).hasSize(3);

            Descriptor lowest = manifest.layers().getFirst();
            byte[] tar = new GZIPInputStream(source.openBlob(lowest)).readAllBytes();
            assertThat(Digest.Algorithm.SHA256.of(tar))
                    .isEqualTo(config.diffIds().getFirst());
            assertThat(tar.length).isGreaterThan((int) DemoImage.LEAST_BYTES);

            Map<String, TarArchiveEntry> middle = entries(
                    new ZstdInputStream(source.openBlob(manifest.layers().get(1))));
            assertThat(middle).containsKeys("app/secret.txt", "app/größe.txt", "app/old.txt");
            assertThat(entry(middle, "app/secret-again.txt").isLink()).isTrue();
            assertThat(entry(middle, "app/jdk").isSymbolicLink()).isTrue();
            assertThat(entry(middle, "app/secret.txt").getExtraPaxHeaders())
                    .containsEntry("SCHILY.xattr.user.bulla.origin", "quickstart");
            assertThat(entry(middle, "app/secret.txt").getLastModifiedTime().toInstant())
                    .isEqualTo(Instant.parse("2026-11-21T00:00:00.5Z"));

            Map<String, TarArchiveEntry> top =
                    entries(source.openBlob(manifest.layers().get(2)));
            assertThat(top).containsKeys("app/.wh.old.txt", "app/cache/.wh..wh..opq", "app/cache/fresh");
        }
    }

    private static TarArchiveEntry entry(Map<String, TarArchiveEntry> entries, String name) {
        TarArchiveEntry entry = entries.get(name);
        assertThat(entry).as(name).isNotNull();
        return Objects.requireNonNull(entry);
    }

    private static Map<String, TarArchiveEntry> entries(InputStream tar) throws Exception {
        Map<String, TarArchiveEntry> entries = new HashMap<>();
        try (TarArchiveInputStream in = new TarArchiveInputStream(tar, "UTF-8")) {
            for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                entries.put(entry.getName(), entry);
            }
        }
        return entries;
    }

    @Test
    void workplace_closed_isGone() throws Exception {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        Path place;
        try (PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
                Workplace workplace = Workplace.open(out)) {
            place = workplace.folder();
            Files.createDirectories(place.resolve("a").resolve("b"));
            Files.writeString(place.resolve("a").resolve("file"), "x");
            Files.createSymbolicLink(place.resolve("link"), folder);
            assertThat(Workplace.list(place)).containsExactly("a/", "link -> " + folder);
        }
        assertThat(place).doesNotExist();
        assertThat(folder).exists();
        assertThat(said.size()).isZero();
    }
}
