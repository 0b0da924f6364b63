package dev.bulla.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.oci.OciException;
import okhttp3.HttpUrl;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InsecureHostTest {

    @ParameterizedTest
    @CsvSource({
        "reg.example, https://reg.example/, true",
        "reg.example, http://reg.example/, true",
        "reg.example, http://reg.example:5000/, false",
        "reg.example, https://reg.example:80/, false",
        "reg.example, https://sub.reg.example/, false",
        "reg.example, https://evilreg.example/, false",
        "REG.example, https://reg.EXAMPLE/, true",
        "reg.example:5000, http://reg.example:5000/, true",
        "reg.example:5000, https://reg.example:5000/, true",
        "reg.example:5000, https://reg.example/, false",
        "reg.example:443, https://reg.example/, true",
        "reg.example:443, http://reg.example/, false",
        "127.0.0.1:5000, http://127.0.0.1:5000/, true",
        "127.0.0.1:5000, http://localhost:5000/, false",
        "[::1]:5000, http://[::1]:5000/, true",
        "[::1], https://[::1]/, true",
        "docker.io, https://registry-1.docker.io/, true",
    })
    void covers_url_onlyThatHostAndPort(String named, String url, boolean expected) throws OciException {
        assertThat(InsecureHost.parse(named).covers(HttpUrl.get(url))).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":5000",
                "http://reg.example",
                "reg.example/path",
                "reg.example:",
                "reg.example:99999",
                "a b",
                "reg.example:80:90",
                "::1",
                "user@reg.example",
                "*.example",
                "reg.example:port",
                "[::1"
            })
    void parse_noHost_isRefused(String text) {
        assertThatThrownBy(() -> InsecureHost.parse(text))
                .isInstanceOf(OciException.class)
                .hasMessageContaining("expected HOST or HOST:PORT");
    }
}
