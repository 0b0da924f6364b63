package dev.bulla.guest.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.guest.TestLayout;
import dev.bulla.guest.TestLayout.Layer;
import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import dev.bulla.oci.MediaTypes;
import dev.bulla.oci.Platform;
import dev.bulla.policy.BaseImage;
import dev.bulla.policy.PolicyException;
import dev.bulla.policy.SignatureSource;
import dev.bulla.registry.ImageSource;
import dev.bulla.registry.LayoutSource;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Base images of a layout in the place of a registry. */
class FoundBasesTest {
    @TempDir
    Path folder;

    private TestLayout bases;
    private TestLayout images;
    private Layer os;
    private Layer app;
    private ImageSource source;
    private final List<String> opened = new ArrayList<>();

    @BeforeEach
    void makeImages() throws Exception {
        bases = new TestLayout(folder.resolve("bases"));
        images = new TestLayout(folder.resolve("images"));
        os = bases.layer("os", "the system");
        app = images.layer("app", "the application");
        bases.image("1", List.of(os));
        images.image("v1", List.of(os, app));
        source = LayoutSource.open(images.folder());
    }

    @AfterEach
    void close() throws Exception {
        source.close();
    }

    private FoundBases found() throws Exception {
        ResolvedImage image = ResolvedImage.resolve(
                source, new ImageName.Layout(images.folder(), Optional.of("v1")), Platform.current());
        return new FoundBases(image, source, Platform.current(), reference -> {
            opened.add(reference.toString());
            return new BaseRepositories.Repository(LayoutSource.open(bases.folder()), SignatureSource.NONE);
        });
    }

    private static ImageReference base(String end) throws Exception {
        return ImageReference.parse("base.example/os" + end);
    }

    @Test
    void diffIds_ofTheImage_areItsConfigurations() throws Exception {
        try (FoundBases found = found()) {
            assertThat(found.diffIds()).containsExactly(os.diffId(), app.diffId());
        }
        assertThat(opened).isEmpty();
    }

    @Test
    void find_baseOfThatTag_underItsOwnNameWithItsDiffIds() throws Exception {
        try (FoundBases found = found()) {
            BaseImage base = found.find(base(":1")).orElseThrow();
            assertThat(base.subject().name()).isEqualTo(new dev.bulla.policy.ImageName.Registry(base(":1")));
            assertThat(base.subject().sources())
                    .containsExactly("oci:" + bases.folder().toRealPath());
            assertThat(base.diffIds()).containsExactly(os.diffId());
        }
        assertThat(opened).containsExactly("base.example/os:1");
    }

    @Test
    void find_byDigest_whateverTheTagIsNow() throws Exception {
        Digest digest;
        try (FoundBases found = found()) {
            digest = found.find(base(":1")).orElseThrow().subject().manifest();
        }
        bases.image("1", List.of(bases.layer("os", "another system")));
        try (FoundBases found = found()) {
            assertThat(found.find(base(":1@" + digest)).orElseThrow().diffIds()).containsExactly(os.diffId());
        }
    }

    @Test
    void find_noSuchBase_none() throws Exception {
        try (FoundBases found = found()) {
            assertThat(found.find(base(":2"))).isEmpty();
        }
    }

    @Test
    void find_noImage_refused() throws Exception {
        Descriptor config = bases.blob("application/octet-stream", new byte[2]);
        bases.tag("2", bases.manifest(config, List.of()));
        Descriptor noConfig = bases.blob(MediaTypes.OCI_CONFIG, "{}".getBytes(StandardCharsets.UTF_8));
        bases.tag("3", bases.manifest(noConfig, List.of()));
        Descriptor noLayer = bases.blob("application/octet-stream", new byte[3]);
        bases.tag("4", bases.manifest(bases.config(List.of(os.diffId())), List.of(noLayer)));
        try (FoundBases found = found()) {
            for (String tag : List.of(":2", ":3", ":4")) {
                assertThatThrownBy(() -> found.find(base(tag)))
                        .isInstanceOf(PolicyException.class)
                        .hasMessageStartingWith("base image base.example/os" + tag + ": ");
            }
        }
    }

    @Test
    void find_configurationChanged_refused() throws Exception {
        Descriptor config = bases.config(List.of(os.diffId()));
        bases.tag("1", bases.manifest(config, List.of(os.descriptor())));
        Files.write(bases.path(config.digest()), new byte[(int) config.size()]);
        try (FoundBases found = found()) {
            assertThatThrownBy(() -> found.find(base(":1")))
                    .isInstanceOf(dev.bulla.registry.ContentMismatchException.class);
        }
    }
}
