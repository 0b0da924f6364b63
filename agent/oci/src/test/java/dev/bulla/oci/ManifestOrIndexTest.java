package dev.bulla.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestOrIndexTest {
    private static final String DIGEST = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    private static final String BLOB = "{\"mediaType\":\"m\",\"digest\":\"" + DIGEST + "\",\"size\":7}";
    private static final String MANIFEST = "\"schemaVersion\":2,\"config\":" + BLOB + ",\"layers\":[" + BLOB + "]";
    private static final String INDEX = "\"schemaVersion\":2,\"manifests\":[" + BLOB + "]";

    private static ManifestOrIndex parse(String members, Optional<String> servedAs) throws OciException {
        return ManifestOrIndex.parse(("{" + members + "}").getBytes(UTF_8), servedAs);
    }

    private static ManifestOrIndex parse(String members) throws OciException {
        return parse(members, Optional.empty());
    }

    private static String mediaType(String type) {
        return ",\"mediaType\":\"" + type + "\"";
    }

    @Test
    void parse_manifest_isRead() throws OciException {
        String more = ",\"artifactType\":\"a\",\"annotations\":{\"k\":\"v\"},\"subject\":" + BLOB;
        assertThat(parse(MANIFEST + mediaType(MediaTypes.OCI_MANIFEST) + more))
                .isInstanceOfSatisfying(Manifest.class, manifest -> {
                    assertThat(manifest.mediaType()).isEqualTo(MediaTypes.OCI_MANIFEST);
                    assertThat(manifest.config().size()).isEqualTo(7);
                    assertThat(manifest.layers()).hasSize(1);
                    assertThat(manifest.artifactType()).contains("a");
                    assertThat(manifest.annotations()).containsEntry("k", "v");
                    assertThat(manifest.subject()).isPresent();
                });
    }

    @Test
    void parse_index_isRead() throws OciException {
        assertThat(parse(INDEX)).isInstanceOfSatisfying(Index.class, index -> {
            assertThat(index.mediaType()).isEqualTo(MediaTypes.OCI_INDEX);
            assertThat(index.manifests()).hasSize(1);
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {MediaTypes.OCI_MANIFEST, MediaTypes.DOCKER_MANIFEST})
    void parse_manifestServedAsSuch_takesThatType(String type) throws OciException {
        assertThat(parse(MANIFEST, Optional.of(type)).mediaType()).isEqualTo(type);
        assertThat(parse(MANIFEST + mediaType(type), Optional.of(type)).mediaType())
                .isEqualTo(type);
    }

    @ParameterizedTest
    @ValueSource(strings = {MediaTypes.OCI_INDEX, MediaTypes.DOCKER_MANIFEST_LIST})
    void parse_indexServedAsSuch_takesThatType(String type) throws OciException {
        assertThat(parse(INDEX, Optional.of(type)).mediaType()).isEqualTo(type);
    }

    @ParameterizedTest
    @CsvSource({
        "application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json",
        "application/vnd.oci.image.manifest.v1+json, text/html",
    })
    void parse_servedAsAnotherType_isRefused(String declared, String servedAs) {
        assertThatThrownBy(() -> parse(MANIFEST + mediaType(declared), Optional.of(servedAs)))
                .isInstanceOf(OciException.class)
                .hasMessageContaining("it was served as \"" + servedAs + "\"");
    }

    @Test
    void parse_manifestServedAsIndex_isRefused() {
        assertThatThrownBy(() -> parse(MANIFEST, Optional.of(MediaTypes.OCI_INDEX)))
                .hasMessageContaining("with the members of a manifest");
        assertThatThrownBy(() -> parse(INDEX, Optional.of(MediaTypes.OCI_MANIFEST)))
                .hasMessageContaining("with the members of an index");
        assertThatThrownBy(() -> parse(INDEX + mediaType(MediaTypes.DOCKER_MANIFEST)))
                .hasMessageContaining("with the members of an index");
    }

    @ParameterizedTest
    @ValueSource(strings = {",\"manifests\":[]", ",\"manifests\":[" + BLOB + "]", ",\"manifests\":null"})
    void parse_bothKinds_isRefused(String more) {
        assertThatThrownBy(() -> parse(MANIFEST + more)).hasMessageContaining("both an index and a manifest");
    }

    @Test
    void parse_indexWithConfigOnly_isRefused() {
        assertThatThrownBy(() -> parse(INDEX + ",\"config\":" + BLOB)).hasMessageContaining("both");
    }

    @ParameterizedTest
    @ValueSource(strings = {",\"fsLayers\":[]", ",\"signatures\":[]"})
    void parse_membersOfSchema1_areRefused(String more) {
        assertThatThrownBy(() -> parse(MANIFEST + more)).hasMessageContaining("schema 1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''|schemaVersion",
                "\"schemaVersion\":1,\"fsLayers\":[]|schemaVersion 1, expected 2",
                "\"schemaVersion\":3|schemaVersion 3, expected 2",
                "\"schemaVersion\":\"2\"|$.schemaVersion",
                "\"schemaVersion\":2.0|$.schemaVersion",
                "\"schemaVersion\":2|\"layers\" is missing",
                "\"schemaVersion\":2,\"layers\":[]|config",
                "\"schemaVersion\":2,\"manifests\":{}|$.manifests",
                "\"schemaVersion\":2,\"manifests\":[7]|$.manifests[0]",
                "\"schemaVersion\":2,\"manifests\":[],\"Manifests\":[]|only in case",
                "\"schemaVersion\":2,\"SchemaVersion\":2|only in case",
                "\"schemaVersion\":2,\"schemaVersion\":2|duplicate key",
            })
    void parse_malformed_isRefusedWithItsPlace(String members, String message) {
        assertThatThrownBy(() -> parse(members))
                .isInstanceOf(OciException.class)
                .hasMessageContaining(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"digest\":\"D\",\"size\":7}|$.layers[0]: \"mediaType\" is missing",
                "{\"mediaType\":\"m\",\"size\":7}|\"digest\" is missing",
                "{\"mediaType\":\"m\",\"digest\":\"D\"}|\"size\" is missing",
                "{\"mediaType\":\"m\",\"digest\":\"md5:00\",\"size\":7}|$.layers[0].digest: digest \"md5:00\"",
                "{\"mediaType\":\"m\",\"digest\":\"D\",\"size\":-1}|$.layers[0].size: got -1",
                "{\"mediaType\":\"m\",\"digest\":\"D\",\"size\":9223372036854775808}|$.layers[0].size",
                "{\"mediaType\":\"m\",\"digest\":\"D\",\"size\":1e3}|$.layers[0].size",
                "{\"mediaType\":\"m\",\"digest\":\"D\",\"size\":\"7\"}|$.layers[0].size",
                "{\"mediaType\":\"m\",\"digest\":\"D\",\"size\":7,\"annotations\":{\"a\":1}}|$.layers[0].annotations.a",
                "{\"mediaType\":\"m\",\"digest\":\"D\",\"size\":7,\"platform\":{\"os\":\"linux\"}}|architecture",
            })
    void parse_malformedDescriptor_isRefusedWithItsPlace(String layer, String message) {
        String members = "\"schemaVersion\":2,\"config\":" + BLOB + ",\"layers\":["
                + layer.replace("\"D\"", "\"" + DIGEST + "\"") + "]";
        assertThatThrownBy(() -> parse(members))
                .isInstanceOf(OciException.class)
                .hasMessageContaining(message);
    }

    @Test
    void parse_nullsThatWritersEmit_areAbsent() throws OciException {
        assertThat(parse(MANIFEST + ",\"annotations\":null,\"subject\":null,\"artifactType\":null"))
                .isInstanceOf(Manifest.class);
    }

    @Test
    void parse_documentAtTheLimit_isRead() throws OciException {
        byte[] bytes = padded(ManifestOrIndex.MAX_SIZE);
        assertThat(ManifestOrIndex.parse(bytes, Optional.empty())).isInstanceOf(Manifest.class);
        assertThatThrownBy(() -> ManifestOrIndex.parse(padded(ManifestOrIndex.MAX_SIZE + 1), Optional.empty()))
                .hasMessageContaining("got 4194305 bytes, expected at most 4194304");
    }

    private static byte[] padded(int size) {
        byte[] document = ("{" + MANIFEST + "}").getBytes(UTF_8);
        byte[] bytes = Arrays.copyOf(document, size);
        Arrays.fill(bytes, document.length, size, (byte) ' ');
        return bytes;
    }

    @Test
    void parse_layersAtTheLimit_areRead() throws OciException {
        assertThat(parse(layers(Manifest.MAX_LAYERS))).isInstanceOf(Manifest.class);
        assertThatThrownBy(() -> parse(layers(Manifest.MAX_LAYERS + 1)))
                .hasMessageContaining("got 1025 layers, expected at most 1024");
    }

    private static String layers(int count) {
        return "\"schemaVersion\":2,\"config\":" + BLOB + ",\"layers\":[" + repeated(count) + "]";
    }

    @Test
    void parse_manifestsAtTheLimit_areRead() throws OciException {
        assertThat(parse("\"schemaVersion\":2,\"manifests\":[" + repeated(Index.MAX_MANIFESTS) + "]"))
                .isInstanceOf(Index.class);
        assertThatThrownBy(() -> parse("\"schemaVersion\":2,\"manifests\":[" + repeated(Index.MAX_MANIFESTS + 1) + "]"))
                .hasMessageContaining("got 4097 manifests, expected at most 4096");
    }

    private static String repeated(int count) {
        return IntStream.range(0, count).mapToObj(i -> BLOB).collect(Collectors.joining(","));
    }

    @Test
    void toJson_ofAnImage_isReadBack() throws OciException {
        Descriptor config = Descriptor.of(MediaTypes.OCI_CONFIG, Digest.Algorithm.SHA256.of(new byte[1]), 1);
        Descriptor layer =
                Descriptor.of("application/vnd.oci.image.layer.v1.tar", Digest.Algorithm.SHA512.of(new byte[2]), 2);
        byte[] bytes =
                JsonWriter.compact(Manifest.toJson(config, List.of(layer))).getBytes(StandardCharsets.UTF_8);
        Manifest read = (Manifest) ManifestOrIndex.parse(bytes, Optional.of(MediaTypes.OCI_MANIFEST));
        assertThat(read.config()).isEqualTo(config);
        assertThat(read.layers()).containsExactly(layer);
    }
}
