package dev.bulla.oci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.oci.LayerMediaType.Compression;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LayerMediaTypeTest {

    @ParameterizedTest
    @CsvSource({
        "application/vnd.oci.image.layer.v1.tar, NONE",
        "application/vnd.oci.image.layer.v1.tar+gzip, GZIP",
        "application/vnd.oci.image.layer.v1.tar+zstd, ZSTD",
        "application/vnd.oci.image.layer.nondistributable.v1.tar, NONE",
        "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip, GZIP",
        "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd, ZSTD",
        "application/vnd.docker.image.rootfs.diff.tar, NONE",
        "application/vnd.docker.image.rootfs.diff.tar.gzip, GZIP",
        "application/vnd.docker.image.rootfs.diff.tar.zstd, ZSTD",
    })
    void parse_knownType_plainAndEncrypted(String mediaType, Compression compression) {
        assertThat(LayerMediaType.parse(mediaType)).contains(new LayerMediaType(compression, false));
        assertThat(LayerMediaType.parse(mediaType + "+encrypted")).contains(new LayerMediaType(compression, true));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "+encrypted",
                "application/vnd.oci.image.layer.v1.tar+encrypted+encrypted",
                "application/vnd.oci.image.layer.v1.tar+encrypted+gzip",
                "application/vnd.oci.image.layer.v1.tar+xz",
                "APPLICATION/vnd.oci.image.layer.v1.tar",
                "application/vnd.oci.image.layer.v1.tar ",
                "application/vnd.oci.image.config.v1+json",
                "application/vnd.in-toto+json",
            })
    void parse_anythingElse_isUnknown(String mediaType) {
        assertThat(LayerMediaType.parse(mediaType)).isEmpty();
    }
}
