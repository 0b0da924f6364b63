package dev.bulla.policy.lint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import dev.bulla.oci.OciException;
import dev.bulla.oci.Quoted;
import dev.bulla.policy.ImageName;
import dev.bulla.policy.Policy;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DockerScopeTest {
    private static final String DIGEST = "sha256:" + "a".repeat(64);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "example.com:tag/|write \"example.com:tag\"",
                "example.com/app:|write \"example.com/app\"",
                "example.com:|write \"example.com\"",
                "example.com/|write \"example.com\"",
                "example.com/ns/|write \"example.com/ns\"",
                "https://example.com/ns|write \"example.com/ns\"",
                "docker://example.com/ns|write \"example.com/ns\"",
                "Example.com/ns|write \"example.com/ns\"",
                "EXAMPLE.com|write \"example.com\"",
                "example.com/NS|write the path in lower case",
                "busybox|write \"docker.io/library/busybox\"",
                "busybox:latest|write \"docker.io/library/busybox:latest\"",
                "grafana/grafana|write \"docker.io/grafana/grafana\"",
                "docker.io/busybox:1|write \"docker.io/library/busybox:1\"",
                "index.docker.io/library/busybox|write \"docker.io/library/busybox\"",
                "index.docker.io|write \"docker.io\"",
                "*.example.com:5000|write \"*.example.com\"",
                "*.example.com/ns|write \"*.example.com\"",
                "*|write \"\", or use default",
                "exam*ple.com|name the scopes",
                "*.*.example.com|name the scopes",
                "*.|name the scopes",
                "*.exa mple.com|write \"*.example.com\"",
                "*.-.com|name a domain",
                "example.com/app@sha256:abc|name the digest in full",
                "example.com:port/ns|name it as host or host:PORT",
                "example.com//ns|name one as it is pulled",
                "-.example|name the host",
            })
    void problem_ofAScopeThatNoImageHas_saysWhatToWrite(String scope, String advice) {
        assertThat(DockerScope.problem(scope)).hasValueSatisfying(problem -> {
            assertThat(problem.advice()).isEqualTo(advice);
            assertThat(problem.why()).isNotEmpty().doesNotContain("\n");
        });
    }

    @Test
    void problem_ofTagAndDigest_saysThatBothAreNeverLookedUp() {
        assertThat(DockerScope.problem("example.com/app:1@" + DIGEST))
                .hasValueSatisfying(
                        problem -> assertThat(problem.advice()).isEqualTo("write \"example.com/app@" + DIGEST + "\""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "example.com",
                "example.com:5000",
                "example.com/ns",
                "example.com/ns/app",
                "example.com:5000/ns/app:1.0",
                "localhost",
                "localhost:5000/app",
                "docker.io/library/busybox:latest",
                "docker.io/grafana",
                "*.example.com",
                "[::1]:5000/app",
                "10.0.0.1/app"
            })
    void problem_ofAScopeThatImagesHave_isNone(String scope) {
        assertThat(DockerScope.problem(scope)).isEmpty();
    }

    @Provide
    Arbitrary<ImageReference> references() {
        Arbitrary<String> host = Arbitraries.of("example.com", "a.b.c.d:5000", "localhost", "docker.io", "10.0.0.1:80");
        Arbitrary<String> path = Arbitraries.of("app", "library/app", "a/b/c", "a_b/c-d");
        Arbitrary<String> end = Arbitraries.of("", ":1", "@" + DIGEST);
        return Combinators.combine(host, path, end).as((h, p, e) -> {
            try {
                return ImageReference.parse(h + "/" + p + e).withDefaultTag();
            } catch (OciException x) {
                throw new AssertionError(x);
            }
        });
    }

    @Property(tries = 60)
    void problem_ofEveryScopeThatAnImageIsLookedUpUnder_isNone(@ForAll("references") ImageReference reference)
            throws Exception {
        Policy policy = Policy.parse("{\"default\":[{\"type\":\"reject\"}]}".getBytes(StandardCharsets.UTF_8), "test");
        List<String> order = policy.choose(new ImageName.Registry(reference)).order();
        assertThat(order).hasSizeGreaterThan(2);
        for (String scope : order) {
            assertThat(DockerScope.problem(scope)).as(scope).isEmpty();
        }
    }

    @Property(tries = 200)
    void problem_ofAScopeThatPasses_isMetByAnImageOfThatName(@ForAll("texts") String text) throws Exception {
        if (DockerScope.problem(text).isPresent() || text.isEmpty() || text.startsWith("*.")) {
            return;
        }
        int slash = text.indexOf('/');
        String name = slash < 0 ? text + "/app" : text;
        // A name space of docker.io has no image of its own.
        boolean nameSpace = name.startsWith("docker.io/") && name.indexOf('/') == name.lastIndexOf('/');
        ImageReference image = ImageReference.parse(nameSpace ? name + "/x" : name);
        Policy policy = Policy.parse(
                ("{\"default\":[{\"type\":\"reject\"}],\"transports\":{\"docker\":{" + Quoted.text(text)
                                + ":[{\"type\":\"reject\"}]}}}")
                        .getBytes(StandardCharsets.UTF_8),
                "test");
        assertThat(policy.choose(new ImageName.Registry(image.withDefaultTag())).scope())
                .contains(text);
    }

    @Provide
    Arbitrary<String> texts() {
        return Combinators.combine(
                        Arbitraries.of("example.com", "Example.com", "localhost", "docker.io", "*.example.com", "app"),
                        Arbitraries.of("", ":5000", ":", ":tag"),
                        Arbitraries.of("", "/", "/a", "/a/b", "/A", "//"),
                        Arbitraries.of("", ":1", ":", "/", "@" + Digest.Algorithm.SHA256.of(new byte[0])))
                .as((a, b, c, d) -> a + b + c + d);
    }
}
