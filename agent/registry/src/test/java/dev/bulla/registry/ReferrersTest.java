package dev.bulla.registry;

import static dev.bulla.registry.ScriptedRegistry.bytes;
import static dev.bulla.registry.ScriptedRegistry.manifestPath;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.MediaTypes;
import dev.bulla.oci.OciException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReferrersTest {
    private static final String TYPE = "application/vnd.example.v1";
    private static final Digest SUBJECT = Digest.Algorithm.SHA256.of(new byte[] {1});

    private ScriptedRegistry registry;
    private RegistryClient client;

    @TempDir
    private Path folder;

    @BeforeEach
    void start() throws IOException {
        registry = ScriptedRegistry.plain();
        client = RegistryClient.open(registry.reference(), registry.insecure());
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        registry.close();
    }

    private static Descriptor artifact(int number) {
        return Descriptor.of(MediaTypes.OCI_MANIFEST, Digest.Algorithm.SHA256.of(new byte[] {(byte) number}), number);
    }

    private static byte[] list(int artifacts) throws OciException {
        Optional<byte[]> list = Optional.of(Referrers.with(Optional.empty(), artifact(100), "another/type"));
        for (int i = 0; i < artifacts; i++) {
            list = Optional.of(Referrers.with(list, artifact(i), TYPE));
        }
        return list.orElseThrow();
    }

    private static String path() {
        return "GET /v2/" + ScriptedRegistry.REPOSITORY + "/referrers/" + SUBJECT;
    }

    @Test
    void referrers_api_givesThoseOfTheTypeAndAsksForThem() throws IOException, OciException {
        registry.on(path(), bytes(list(2)).build());
        assertThat(client.referrers(SUBJECT, TYPE)).containsExactly(artifact(0), artifact(1));
        assertThat(registry.asked("/v2/team").getFirst().target())
                .endsWith("?artifactType=application%2Fvnd.example.v1");
    }

    @Test
    void referrers_noApi_areThoseUnderTheTag() throws IOException, OciException {
        registry.on(manifestPath(Referrers.tag(SUBJECT)), bytes(list(1)).build());
        assertThat(client.referrers(SUBJECT, TYPE)).containsExactly(artifact(0));
    }

    @Test
    void referrers_neither_areNone() throws IOException {
        assertThat(client.referrers(SUBJECT, TYPE)).isEmpty();
    }

    @Test
    void referrers_asManyAsAllowed_areTaken() throws IOException, OciException {
        registry.on(path(), bytes(list(Referrers.MAX_REFERRERS)).build());
        assertThat(client.referrers(SUBJECT, TYPE)).hasSize(Referrers.MAX_REFERRERS);
    }

    @Test
    void referrers_oneMore_areRefused() throws OciException {
        registry.on(path(), bytes(list(Referrers.MAX_REFERRERS + 1)).build());
        assertThatThrownBy(() -> client.referrers(SUBJECT, TYPE))
                .isInstanceOf(RegistryProtocolException.class)
                .hasMessageContaining("got 33");
    }

    @Test
    void referrers_furtherPages_areRefused() throws OciException {
        registry.on(
                path(), bytes(list(1)).setHeader("Link", "<x>; rel=\"next\"").build());
        assertThatThrownBy(() -> client.referrers(SUBJECT, TYPE))
                .isInstanceOf(RegistryProtocolException.class)
                .hasMessageContaining("page");
    }

    @Test
    void referrers_noIndex_areRefused() {
        registry.on(path(), bytes(new byte[] {'{', '}'}).build());
        assertThatThrownBy(() -> client.referrers(SUBJECT, TYPE)).isInstanceOf(RegistryProtocolException.class);
    }

    @Test
    void with_sameArtifact_standsOnce() throws OciException {
        byte[] once = Referrers.with(Optional.empty(), artifact(1), TYPE);
        assertThat(Referrers.with(Optional.of(once), artifact(1), TYPE)).isEqualTo(once);
    }

    @Test
    void tag_isTheDigestsText() {
        assertThat(Referrers.tag(SUBJECT)).isEqualTo("sha256-" + SUBJECT.hex());
    }

    @Test
    void referrers_ofALayout_areFoundInItsIndexAndUnderTheTag() throws IOException, OciException {
        Files.createDirectories(folder.resolve("blobs/sha256"));
        Files.writeString(folder.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
        Descriptor listed = blob(MediaTypes.OCI_INDEX, list(1));
        Descriptor own = blob(MediaTypes.OCI_MANIFEST, manifest(TYPE, SUBJECT).getBytes(StandardCharsets.UTF_8));
        Descriptor other = blob(
                MediaTypes.OCI_MANIFEST,
                manifest(TYPE, Digest.Algorithm.SHA256.of(new byte[] {2})).getBytes(StandardCharsets.UTF_8));
        Files.writeString(
                folder.resolve("index.json"),
                "{\"schemaVersion\":2,\"manifests\":[" + json(listed, Referrers.tag(SUBJECT)) + "," + json(own, "own")
                        + "," + json(other, "other") + "]}");
        try (LayoutSource layout = LayoutSource.open(folder)) {
            assertThat(layout.referrers(SUBJECT, TYPE)).isEqualTo(List.of(artifact(0), own));
        }
    }

    private static String manifest(String type, Digest subject) {
        return "{\"schemaVersion\":2,\"mediaType\":\"" + MediaTypes.OCI_MANIFEST + "\",\"artifactType\":\"" + type
                + "\",\"config\":{\"mediaType\":\"x/y\",\"digest\":\"" + subject + "\",\"size\":1},\"layers\":[],"
                + "\"subject\":{\"mediaType\":\"x/y\",\"digest\":\"" + subject + "\",\"size\":1}}";
    }

    private static String json(Descriptor blob, String tag) {
        return "{\"mediaType\":\"" + blob.mediaType() + "\",\"digest\":\"" + blob.digest() + "\",\"size\":"
                + blob.size() + ",\"annotations\":{\"org.opencontainers.image.ref.name\":\"" + tag + "\"}}";
    }

    private Descriptor blob(String type, byte[] bytes) throws IOException {
        Digest digest = Digest.Algorithm.SHA256.of(bytes);
        Files.write(folder.resolve("blobs/sha256").resolve(digest.hex()), bytes);
        return Descriptor.of(type, digest, bytes.length);
    }
}
