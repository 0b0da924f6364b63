package dev.bulla.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The samples of containers/image in {@code conformance/auth}, with the outcomes of its lookup, and our stricter one
 * where an entry names a helper.
 */
class AuthConformanceTest {

    private static byte[] sample(String name) throws IOException {
        Path folder = Path.of(System.getProperty("bulla.conformance", "../shared/conformance"), "auth");
        assumeTrue(Files.isDirectory(folder), "conformance data is absent: " + folder);
        return Files.readAllBytes(folder.resolve(name));
    }

    @ParameterizedTest
    @CsvSource({
        "example.json, example.org/repo, example:org",
        "example.json, example.org:443/repo, ''",
        "empty.json, example.org/repo, ''",
        "config.json, example.org/repo, ''",
        "example_identitytoken.json, example.org/repo, token:some very long identity token",
        "full.json, example.org/repo, example:org",
        "full.json, busybox, docker:io",
        "full.json, docker.io/library/busybox, docker:io",
        "full.json, index.docker.io/library/busybox, docker:io",
        "full.json, localhost/a, local:host",
        "full.json, localhost:5000/a, local:host-5000",
        "full.json, localhost:5001/a, ''",
        "full.json, 10.10.30.45/a, 10.10:30.45",
        "full.json, 10.10.30.45:5000/a, 10.10:30.45-5000",
        "full.json, normalize.example.org/a, normalize:example",
        "abnormal.json, example.org/a, example:org",
        "abnormal.json, busybox, index:docker.io",
        "abnormal.json, 127.0.0.1:5000/a, 127.0:0.1-5000",
        "abnormal.json, localhost/a, local:host",
        "abnormal.json, localhost:5000/a, local:host-5000",
        "abnormal.json, localhost:5001/a, local:host-5001",
        "refpath.json, example.org/repo, example:org",
        "refpath.json, example.org/repo/image, example:org",
        "refpath.json, example.org/repos, local:host",
        "refpath.json, docker.io/vendor/a, first:level",
        "refpath.json, docker.io/other/a, top:level",
        "refpath.json, busybox, library:busybox",
        "refpath.json, docker.io/library/nginx, library:other",
    })
    void find_sample_isWhatContainersImageFinds(String name, String reference, String expected) throws Exception {
        assertThat(AuthFileTest.sent(AuthFile.parse(sample(name)), reference))
                .isEqualTo(Optional.of(expected).filter(e -> !e.isEmpty()));
    }

    @ParameterizedTest
    @CsvSource({"busybox, docker:io-legacy", "localhost/a, local:host-legacy", "example.org/a, ''"})
    void find_legacySample_isWhatContainersImageFinds(String reference, String expected) throws Exception {
        assertThat(AuthFileTest.sent(AuthFile.parseLegacy(sample("legacy.json")), reference))
                .isEqualTo(Optional.of(expected).filter(e -> !e.isEmpty()));
    }

    @Test
    void find_helperOfTheRegistry_isRefused() throws Exception {
        AuthFile file = AuthFile.parse(sample("config.json"));
        assertThatThrownBy(() -> AuthFileTest.sent(file, "registry-no-creds.com/a"))
                .isInstanceOf(AuthFileException.class);
    }
}
