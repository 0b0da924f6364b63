package dev.bulla.provision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.ManifestOrIndex;
import dev.bulla.registry.AuthFile;
import dev.bulla.registry.ContentMismatchException;
import dev.bulla.registry.FetchedManifest;
import dev.bulla.registry.ImageSource;
import dev.bulla.registry.InsecureHost;
import dev.bulla.registry.NotFoundException;
import dev.bulla.registry.RegistryClient;
import dev.bulla.registry.RegistryOptions;
import dev.bulla.registry.UnauthorizedException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayoutRegistryTest {
    @TempDir
    private Path folder = Path.of("set by the test engine");

    private List<byte[]> blobs = List.of();

    @BeforeEach
    void writeImage() throws Exception {
        blobs = TestImage.write(folder, "t", 2);
    }

    private static ImageSource client(LayoutRegistry registry, String path, RegistryOptions options) throws Exception {
        return RegistryClient.open(
                ImageReference.parse(registry.host() + "/" + path),
                options.withInsecureHost(InsecureHost.parse(registry.host())));
    }

    private static Manifest manifest(ImageSource source) throws Exception {
        FetchedManifest fetched = source.fetchByTag("t");
        return (Manifest) ManifestOrIndex.parse(fetched.bytes(), fetched.mediaType());
    }

    @Test
    void pull_byTagAndDigest_givesTheImage() throws Exception {
        try (LayoutRegistry registry = LayoutRegistry.start(folder, "some/repository");
                ImageSource source = client(registry, "some/repository", RegistryOptions.defaults())) {
            FetchedManifest byTag = source.fetchByTag("t");
            assertThat(source.fetchByDigest(byTag.digest()).bytes()).isEqualTo(byTag.bytes());
            Descriptor layer = manifest(source).layers().get(1);
            assertThat(source.readBlob(layer, 1 << 20)).isEqualTo(blobs.get(1));
        }
    }

    @Test
    void pull_whatIsNotThere_isNotFound() throws Exception {
        try (LayoutRegistry registry = LayoutRegistry.start(folder, "some/repository");
                ImageSource source = client(registry, "some/repository", RegistryOptions.defaults());
                ImageSource other = client(registry, "other", RegistryOptions.defaults())) {
            Descriptor nothing = Descriptor.of("t", Digest.Algorithm.SHA256.of(new byte[3]), 3);
            assertThatThrownBy(() -> source.fetchByTag("none")).isInstanceOf(NotFoundException.class);
            assertThatThrownBy(() -> source.fetchByDigest(nothing.digest())).isInstanceOf(NotFoundException.class);
            assertThatThrownBy(() -> source.readBlob(nothing, 10)).isInstanceOf(NotFoundException.class);
            assertThatThrownBy(() -> other.fetchByTag("t")).isInstanceOf(NotFoundException.class);
        }
    }

    @Test
    void corrupt_blob_isSentFlippedUntilRepaired() throws Exception {
        try (LayoutRegistry registry = LayoutRegistry.start(folder, "some/repository");
                ImageSource source = client(registry, "some/repository", RegistryOptions.defaults())) {
            Descriptor layer = manifest(source).layers().getFirst();
            registry.corrupt(layer.digest());
            assertThatThrownBy(() -> source.readBlob(layer, 1 << 20)).isInstanceOf(ContentMismatchException.class);
            registry.repair();
            assertThat(source.readBlob(layer, 1 << 20)).isEqualTo(blobs.getFirst());
        }
    }

    @Test
    void pull_withPassword_needsIt() throws Exception {
        try (LayoutRegistry registry = LayoutRegistry.start(folder, "some/repository", "user", "secret")) {
            String auth = Base64.getEncoder().encodeToString("user:secret".getBytes(StandardCharsets.UTF_8));
            AuthFile credentials =
                    AuthFile.parse(("{\"auths\":{\"" + registry.host() + "\":{\"auth\":\"" + auth + "\"}}}")
                            .getBytes(StandardCharsets.UTF_8));
            try (ImageSource known = client(
                            registry,
                            "some/repository",
                            RegistryOptions.defaults().withCredentials(credentials));
                    ImageSource unknown = client(registry, "some/repository", RegistryOptions.defaults())) {
                assertThat(manifest(known).layers()).hasSize(2);
                assertThatThrownBy(() -> unknown.fetchByTag("t")).isInstanceOf(UnauthorizedException.class);
            }
        }
    }

    @Test
    void copy_fromRegistryToLayout_bringsSignatures() throws Exception {
        Digest image;
        try (LayoutRegistry registry = LayoutRegistry.start(folder, "some/repository");
                ImageSource source = client(registry, "some/repository", RegistryOptions.defaults());
                LayoutWriter here = LayoutWriter.open(folder);
                LayoutWriter there = LayoutWriter.open(folder.resolve("copy"))) {
            image = source.fetchByTag("t").digest();
            CosignSignature.sign(
                            image,
                            ImageReference.parse("example.org/demo:t"),
                            SigningKey.generate(new SecureRandom()).key())
                    .store(source, here);
            ImageCopy.Copied copied = new ImageCopy(source, there).copy(source.fetchByTag("t"), Optional.of("c"));
            assertThat(copied.image().digest()).isEqualTo(image);
            assertThat(copied.signatures()).isEqualTo(1);
            assertThat(there.tags()).containsOnlyKeys("c", CosignSignature.tagOf(image));
        }
    }
}
