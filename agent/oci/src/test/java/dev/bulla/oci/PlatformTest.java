package dev.bulla.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlatformTest {

    @ParameterizedTest
    @ValueSource(strings = {"linux/amd64", "linux/arm/v7", "linux/arm64/v8", "windows/amd64", "linux/s390x"})
    void parse_platform_roundTrips(String text) throws OciException {
        assertThat(Platform.parse(text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "linux", "linux/", "/amd64", "linux/amd64/", "linux/arm/v7/x", "Linux/amd64", "linux/a b"})
    void parse_noPlatform_isRefused(String text) {
        assertThatThrownBy(() -> Platform.parse(text))
                .isInstanceOf(OciException.class)
                .hasMessageStartingWith("platform ");
    }

    @ParameterizedTest
    @CsvSource({
        "linux/amd64, linux/amd64, true",
        "linux/amd64, linux/arm64, false",
        "linux/amd64, windows/amd64, false",
        "linux/arm, linux/arm/v7, true",
        "linux/arm/v7, linux/arm, true",
        "linux/arm/v7, linux/arm/v6, false",
        "linux/arm64, linux/arm64/v8, true",
    })
    void accepts_offer_byOsArchitectureAndNamedVariants(String asked, String offered, boolean expected)
            throws OciException {
        assertThat(Platform.parse(asked).accepts(Platform.parse(offered))).isEqualTo(expected);
    }

    @Test
    void current_here_isLinuxAndAGoArchitecture() {
        assertThat(Platform.current().os()).isEqualTo("linux");
        assertThat(Platform.current().architecture()).isNotEmpty().isNotEqualTo("x86_64");
    }
}
