package dev.bulla.registry;

import static dev.bulla.registry.ScriptedRegistry.bytes;
import static dev.bulla.registry.ScriptedRegistry.manifestPath;
import static dev.bulla.registry.ScriptedRegistry.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.ManifestOrIndex;
import dev.bulla.oci.MediaTypes;
import dev.bulla.oci.OciException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import mockwebserver3.MockResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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
                .hasMessageContaining("got 101");
    }

    @Test
    void referrers_severalTypes_areAskedForWithoutAFilter() throws IOException, OciException {
        registry.on(path(), bytes(list(2)).build());
        assertThat(client.referrers(SUBJECT, Set.of(TYPE, "another/type"))).hasSize(3);
        assertThat(registry.asked("/v2/team").getFirst().target()).doesNotContain("?");
    }

    @Test
    void referrers_apiNotAllowed_areThoseUnderTheTag() throws IOException, OciException {
        registry.on(path(), status(405));
        registry.on(manifestPath(Referrers.tag(SUBJECT)), bytes(list(1)).build());
        assertThat(client.referrers(SUBJECT, TYPE)).containsExactly(artifact(0));
    }

    @Test
    void referrers_furtherPages_areFollowed() throws IOException, OciException {
        byte[] rest = Referrers.with(Optional.empty(), artifact(7), TYPE);
        registry.on(
                path(),
                asked -> asked.target().endsWith("?last=2")
                        ? bytes(rest).build()
                        : link(listOf(2), "<?last=2>; rel=\"next\""));
        assertThat(client.referrers(SUBJECT, TYPE)).containsExactly(artifact(0), artifact(1), artifact(7));
    }

    private static byte[] listOf(int artifacts) {
        try {
            return list(artifacts);
        } catch (OciException e) {
            throw new IllegalStateException(e);
        }
    }

    private static MockResponse link(byte[] list, String link) {
        return bytes(list).setHeader("Link", link).build();
    }

    /** Serves so many pages, each with no entry of the type. */
    private void pages(int count) throws OciException {
        byte[] list = list(0);
        registry.on(path(), asked -> {
            int at = asked.target().indexOf("last=");
            int page = at < 0 ? 1 : Integer.parseInt(asked.target().substring(at + "last=".length()));
            return page == count
                    ? bytes(list).build()
                    : link(list, "<" + asked.target().replaceAll("\\?.*", "") + "?last=" + (page + 1) + ">; rel=next");
        });
    }

    @Test
    void referrers_asManyPagesAsAllowed_areFollowed() throws Exception {
        pages(Referrers.MAX_PAGES);
        assertThat(client.referrers(SUBJECT, TYPE)).isEmpty();
    }

    @Test
    void referrers_pagesWithoutEnd_areRefused() throws OciException {
        pages(Integer.MAX_VALUE);
        assertThatThrownBy(() -> client.referrers(SUBJECT, TYPE))
                .isInstanceOf(RegistryProtocolException.class)
                .hasMessageContaining("more than 16 pages");
        assertThat(registry.asked("/v2/team")).hasSize(Referrers.MAX_PAGES);
    }

    @Test
    void referrers_overPages_areCountedTogether() {
        registry.on(
                path(), link(listOf(Referrers.MAX_REFERRERS), "<?last=" + Referrers.MAX_REFERRERS + ">; rel=\"next\""));
        assertThatThrownBy(() -> client.referrers(SUBJECT, TYPE)).hasMessageContaining("got 200");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<http://127.0.0.1:1/v2/team/app/referrers/x>; rel=\"next\"",
                "<//elsewhere.example/v2/>; rel=\"next\"",
                "</v2/other/app/manifests/latest>; rel=\"next\"",
                "<file:///etc/passwd>; rel=\"next\"",
                "nothing of the kind"
            })
    void referrers_nextPageElsewhere_isRefused(String link) {
        registry.on(path(), link(listOf(2), link));
        assertThatThrownBy(() -> client.referrers(SUBJECT, TYPE)).isInstanceOf(RegistryProtocolException.class);
        assertThat(registry.asked("/v2/team")).hasSize(1);
    }

    @Test
    void referrers_pageOverTheLimit_isRefused() {
        registry.on(path(), bytes(new byte[ManifestOrIndex.MAX_SIZE + 1]).build());
        assertThatThrownBy(() -> client.referrers(SUBJECT, TYPE)).isInstanceOf(ContentMismatchException.class);
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

    @Test
    void artifactType_absent_isTheConfigurations() throws Exception {
        String untyped = manifest(TYPE, SUBJECT).replace("\"artifactType\":\"" + TYPE + "\",", "");
        assertThat(Referrers.artifactType(
                        (Manifest) ManifestOrIndex.parse(untyped.getBytes(StandardCharsets.UTF_8), Optional.empty())))
                .isEqualTo("x/y");
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
