package dev.bulla.provision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.Index;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.ManifestOrIndex;
import dev.bulla.oci.MediaTypes;
import dev.bulla.ocicrypt.KbsPacketOpener;
import dev.bulla.ocicrypt.KbsPacketWrap;
import dev.bulla.ocicrypt.LayerDecryptor;
import dev.bulla.ocicrypt.LayerEncryptor;
import dev.bulla.ocicrypt.OpenedLayer;
import dev.bulla.registry.FetchedManifest;
import dev.bulla.registry.LayoutSource;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageEncryptorTest {
    private static final byte[] KEY = new byte[32];

    @TempDir
    private Path folder = Path.of("set by the test engine");

    private final SecureRandom random = new SecureRandom();

    private Manifest encrypt(LayerSelection selection) throws Exception {
        return encrypt("plain", "t", "encrypted", selection);
    }

    private Manifest encrypt(String from, String tag, String to, LayerSelection selection) throws Exception {
        try (KbsPacketWrap wrap = new KbsPacketWrap("kbs:///a/b/c", KEY, random);
                LayoutSource source = LayoutSource.open(folder.resolve(from));
                LayoutWriter destination = LayoutWriter.open(folder.resolve(to))) {
            new ImageEncryptor(new LayerEncryptor(List.of(wrap), random), selection)
                    .encrypt(source, source.fetchByTag(tag), destination, Optional.of("e"));
        }
        try (LayoutSource source = LayoutSource.open(folder.resolve(to))) {
            FetchedManifest fetched = source.fetchByTag("e");
            return (Manifest) ManifestOrIndex.parse(fetched.bytes(), fetched.mediaType());
        }
    }

    private byte[] decrypt(Descriptor layer) throws Exception {
        LayerDecryptor decryptor = new LayerDecryptor(List.of(new KbsPacketOpener((uri, limit) -> KEY.clone())));
        try (LayoutSource source = LayoutSource.open(folder.resolve("encrypted"));
                OpenedLayer opened = decryptor.open(layer.annotations());
                InputStream plain = opened.decrypt(source.openBlob(layer))) {
            return plain.readAllBytes();
        }
    }

    @Test
    void encrypt_allLayers_eachDecryptsToItsBlob() throws Exception {
        List<byte[]> blobs = TestImage.write(folder.resolve("plain"), "t", 3);

        Manifest manifest = encrypt(LayerSelection.ALL);

        assertThat(manifest.layers()).hasSize(3);
        assertThat(manifest.annotations()).containsEntry("org.example", "kept");
        for (int i = 0; i < 3; i++) {
            Descriptor layer = manifest.layers().get(i);
            assertThat(layer.mediaType()).isEqualTo("application/vnd.oci.image.layer.v1.tar+gzip+encrypted");
            assertThat(layer.annotations()).containsEntry("org.example.n", Integer.toString(i));
            assertThat(decrypt(layer)).isEqualTo(blobs.get(i));
        }
    }

    @Test
    void encrypt_someLayers_leavesTheOthers() throws Exception {
        List<byte[]> blobs = TestImage.write(folder.resolve("plain"), "t", 3);

        Manifest manifest = encrypt(new LayerSelection(List.of(0, -1)));

        assertThat(manifest.layers().stream().map(layer -> layer.mediaType().endsWith("+encrypted")))
                .containsExactly(true, false, true);
        assertThat(manifest.layers().get(1).digest()).isEqualTo(Digest.Algorithm.SHA256.of(blobs.get(1)));
        assertThat(decrypt(manifest.layers().get(2))).isEqualTo(blobs.get(2));
    }

    @Test
    void encrypt_dockerImage_becomesOci() throws Exception {
        TestImage.writeDocker(folder.resolve("plain"), "t");

        Manifest manifest = encrypt(new LayerSelection(List.of(1)));

        assertThat(manifest.mediaType()).isEqualTo(MediaTypes.OCI_MANIFEST);
        assertThat(manifest.config().mediaType()).isEqualTo(MediaTypes.OCI_CONFIG);
        assertThat(manifest.layers().stream().map(Descriptor::mediaType))
                .containsExactly(
                        "application/vnd.oci.image.layer.v1.tar+gzip",
                        "application/vnd.oci.image.layer.v1.tar+gzip+encrypted");
    }

    @Test
    void encrypt_index_encryptsEveryImage() throws Exception {
        TestImage.write(folder.resolve("plain"), "one", 1);
        TestImage.write(folder.resolve("plain"), "two", 2);
        try (LayoutSource source = LayoutSource.open(folder.resolve("plain"));
                LayoutWriter writer = LayoutWriter.open(folder.resolve("plain"))) {
            String entries = Stream.of("one", "two")
                    .map(tag -> {
                        try {
                            FetchedManifest image = source.fetchByTag(tag);
                            return "{\"mediaType\":\"" + MediaTypes.OCI_MANIFEST + "\",\"digest\":\"" + image.digest()
                                    + "\",\"size\":" + image.bytes().length
                                    + ",\"platform\":{\"os\":\"linux\",\"architecture\":\"" + tag + "\"}}";
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    })
                    .collect(Collectors.joining(","));
            writer.putManifest(
                    MediaTypes.OCI_INDEX,
                    ("{\"schemaVersion\":2,\"mediaType\":\"" + MediaTypes.OCI_INDEX + "\",\"manifests\":[" + entries
                                    + "]}")
                            .getBytes(StandardCharsets.UTF_8),
                    Optional.of("both"));
        }
        try (KbsPacketWrap wrap = new KbsPacketWrap("kbs:///a/b/c", KEY, random);
                LayoutSource source = LayoutSource.open(folder.resolve("plain"));
                LayoutWriter destination = LayoutWriter.open(folder.resolve("encrypted"))) {
            Descriptor index = new ImageEncryptor(new LayerEncryptor(List.of(wrap), random), LayerSelection.ALL)
                    .encrypt(source, source.fetchByTag("both"), destination, Optional.of("e"));
            assertThat(index.mediaType()).isEqualTo(MediaTypes.OCI_INDEX);
        }
        try (LayoutSource source = LayoutSource.open(folder.resolve("encrypted"))) {
            FetchedManifest fetched = source.fetchByTag("e");
            Index index = (Index) ManifestOrIndex.parse(fetched.bytes(), fetched.mediaType());
            assertThat(index.manifests()).hasSize(2);
            for (Descriptor entry : index.manifests()) {
                assertThat(entry.platform()).isPresent();
                Manifest manifest = (Manifest) ManifestOrIndex.parse(
                        source.fetchByDigest(entry.digest()).bytes(), Optional.of(entry.mediaType()));
                assertThat(manifest.layers())
                        .allSatisfy(layer -> assertThat(layer.mediaType()).endsWith("+encrypted"));
            }
        }
    }

    @Test
    void encrypt_encryptedLayer_isRefusedAndLeavesNoHalfBlob() throws Exception {
        TestImage.write(folder.resolve("plain"), "t", 1);
        encrypt(LayerSelection.ALL);

        assertThatThrownBy(() -> encrypt("encrypted", "e", "again", LayerSelection.ALL))
                .isInstanceOf(UnsuitableImageException.class)
                .hasMessage("layer 0: it is encrypted already");
        try (Stream<Path> files = Files.walk(folder)) {
            assertThat(files.map(file -> String.valueOf(file.getFileName())))
                    .noneMatch(name -> name.startsWith(".new"));
        }
    }

    @Test
    void encrypt_layerThatIsNotThere_isRefused() throws Exception {
        TestImage.write(folder.resolve("plain"), "t", 2);
        for (int number : new int[] {2, -3}) {
            assertThatThrownBy(() -> encrypt(new LayerSelection(List.of(number))))
                    .isInstanceOf(UnsuitableImageException.class)
                    .hasMessageContaining("expected -2 to 1");
        }
    }
}
