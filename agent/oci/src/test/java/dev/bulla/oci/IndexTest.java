package dev.bulla.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IndexTest {

    /** An index whose entries' sizes are their positions. */
    private static Index index(String... platforms) throws OciException {
        List<Descriptor> manifests = new ArrayList<>();
        for (String platform : platforms) {
            manifests.add(new Descriptor(
                    MediaTypes.OCI_MANIFEST,
                    Digest.Algorithm.SHA256.of(new byte[0]),
                    manifests.size(),
                    Map.of(),
                    platform.equals("-") ? Optional.empty() : Optional.of(Platform.parse(platform))));
        }
        return new Index(MediaTypes.OCI_INDEX, manifests);
    }

    @ParameterizedTest
    @CsvSource({
        "linux/amd64, 1",
        "linux/arm/v7, 3",
        "linux/arm/v6, 2",
        "linux/arm, 2",
        "linux/arm64, 4",
        "linux/arm64/v8, 4",
    })
    void select_platform_exactFirstThenFirstThatFits(String platform, int position) throws OciException {
        Index index = index("-", "linux/amd64", "linux/arm/v6", "linux/arm/v7", "linux/arm64/v8", "linux/amd64");
        assertThat(index.select(Platform.parse(platform)).size()).isEqualTo(position);
    }

    @Test
    void select_exactAfterFitting_isTaken() throws OciException {
        assertThat(index("linux/arm/v7", "linux/arm")
                        .select(Platform.parse("linux/arm"))
                        .size())
                .isEqualTo(1);
    }

    @Test
    void select_attestationEntries_areNeverTaken() throws OciException {
        assertThat(index("unknown/unknown", "linux/amd64")
                        .select(Platform.parse("linux/amd64"))
                        .size())
                .isEqualTo(1);
    }

    @Test
    void select_none_namesWhatThereIs() {
        assertThatThrownBy(() -> index("-", "linux/arm64", "linux/arm64", "windows/amd64")
                        .select(Platform.parse("linux/amd64")))
                .isInstanceOf(OciException.class)
                .hasMessage("index: no manifest for linux/amd64, got \"none named, linux/arm64, windows/amd64\"");
    }
}
