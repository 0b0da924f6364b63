package dev.bulla.composefs.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.composefs.FormatVersion;
import dev.bulla.composefs.VerityAlgorithm;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RepositoryMetadataTest {
    /** What {@code cfsctl init --insecure} writes. */
    static final String NEW = """
            {
              "version": 1,
              "algorithm": "fsverity-sha512-12",
              "features": {
                "compatible": [],
                "read-only-compatible": [
                  "v1_erofs"
                ],
                "incompatible": []
              },
              "erofs_formats": {
                "default": 1
              }
            }
            """;

    private static RepositoryMetadata parse(String json) throws RepositoryMetadataException {
        return RepositoryMetadata.parse(json.getBytes(StandardCharsets.UTF_8));
    }

    private static String json(RepositoryMetadata metadata) {
        return new String(metadata.toJson(), StandardCharsets.UTF_8);
    }

    @Test
    void toJson_new_isWhatCfsctlWrites() throws Exception {
        RepositoryMetadata metadata = RepositoryMetadata.of(VerityAlgorithm.SHA512_4K);
        assertThat(json(metadata)).isEqualTo(NEW);
        assertThat(parse(NEW)).isEqualTo(metadata);
    }

    @ParameterizedTest
    @EnumSource
    void parse_whatWasWritten_isTheSame(VerityAlgorithm algorithm) throws Exception {
        RepositoryMetadata metadata = new RepositoryMetadata(
                algorithm,
                List.of("some"),
                List.of("v1_erofs", "other"),
                List.of(),
                FormatVersion.V1,
                new TreeSet<>(Set.of(FormatVersion.V0, FormatVersion.V2)));
        assertThat(parse(json(metadata))).isEqualTo(metadata);
        assertThat(json(metadata))
                .contains("\"extra\": [\n      0,\n      2\n    ]")
                .endsWith("}\n");
    }

    @Test
    void parse_withoutFormats_isTheFeaturesOrTheLegacyFormat() throws Exception {
        String old = "{\"version\":1,\"algorithm\":\"fsverity-sha256-12\"}";
        assertThat(parse(old).defaultFormat()).isEqualTo(FormatVersion.V2);
        String first = "{\"version\":1,\"algorithm\":\"fsverity-sha256-12\",\"features\":{\"read-only-compatible\":"
                + "[\"v1_erofs\"]}}";
        assertThat(parse(first).defaultFormat()).isEqualTo(FormatVersion.V1);
        assertThat(parse(first).unknownReadOnlyCompatible()).isEmpty();
    }

    @Test
    void parse_unknownCompatibleFeaturesAndKeys_areTaken() throws Exception {
        RepositoryMetadata metadata = parse(NEW.replace("\"compatible\": []", "\"compatible\": [\"new\"]")
                .replace("\"version\"", "\"later\": {}, \"version\""));
        assertThat(metadata.compatible()).containsExactly("new");
    }

    @Test
    void parse_unknownReadOnlyCompatibleFeature_isNamed() throws Exception {
        assertThat(parse(NEW.replace("\"v1_erofs\"", "\"v1_erofs\", \"later\"")).unknownReadOnlyCompatible())
                .containsExactly("later");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"version\": 1|\"version\": 2|$.version: got 2, expected an integer from 1 to 1",
                "\"version\": 1|\"version\": 0|$.version: got 0",
                "\"version\": 1|\"version\": 1, \"version\": 1|duplicate",
                "\"version\": 1,||$: \"version\" is missing",
                "fsverity-sha512-12|fsverity-md5-12|$.algorithm: got \"fsverity-md5-12\", expected an algorithm",
                "fsverity-sha512-12|fsverity-sha512-13|$.algorithm: got",
                "\"incompatible\": []|\"incompatible\": [\"x\"]|unknown incompatible feature \"x\"",
                "\"incompatible\": []|\"incompatible\": [1]|expected a string",
                "\"default\": 1|\"default\": 3|$.erofs_formats.default: got 3, expected an integer from 0 to 2",
                "\"default\": 1|\"default\": 1, \"extra\": [-1]|$.erofs_formats.extra[0]",
                "\"default\": 1|\"extra\": []|\"default\" is missing"
            })
    void parse_malformed_isRefused(String what, String by, String problem) {
        String json = NEW.replace(what, by == null ? "" : by);
        assertThat(json).isNotEqualTo(NEW);
        assertThatThrownBy(() -> parse(json))
                .isInstanceOf(RepositoryMetadataException.class)
                .hasMessageStartingWith("store: meta.json: ")
                .hasMessageContaining(problem);
    }

    @Test
    void parse_sizeAtTheLimit_isTakenAndOverItRefused() throws Exception {
        String at = NEW + " ".repeat(RepositoryMetadata.MAX_BYTES - NEW.length());
        assertThat(parse(at).defaultFormat()).isEqualTo(FormatVersion.V1);
        assertThatThrownBy(() -> parse(at + " ")).hasMessageContaining("more than 65536 bytes");
    }

    @Test
    void parse_featuresAtTheLimit_areTakenAndOneMoreRefused() throws Exception {
        String features = "\"compatible\": [" + "\"f\",".repeat(63) + "\"f\"";
        assertThat(parse(NEW.replace("\"compatible\": [", features)).compatible())
                .hasSize(64);
        assertThatThrownBy(() -> parse(NEW.replace("\"compatible\": [", features + ",\"f\"")))
                .hasMessageContaining("65 features, limit 64");
    }
}
