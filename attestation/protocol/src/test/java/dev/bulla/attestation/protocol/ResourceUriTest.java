package dev.bulla.attestation.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.List;
import java.util.Optional;
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

class ResourceUriTest {

    /** The cases of guest-components' own tests. */
    @ParameterizedTest
    @CsvSource({
        "kbs:///alice/cosign-key/213,                              resource/alice/cosign-key/213",
        "kbs:///repo/type/tag?param1=value1&param2=value2,         resource/repo/type/tag?param1=value1&param2=value2",
        "kbs+pkcs11:///repo/type/tag,                              pkcs11/repo/type/tag",
        "kbs+myplugin:///a/b/c,                                    myplugin/a/b/c",
        "kbs+custom://example.com:8080/repo/type/tag,              custom/repo/type/tag",
        "kbs://[::1]:8080/repo/type/tag,                           resource/repo/type/tag",
        "kbs:///default/key/v1.2_3-x,                              resource/default/key/v1.2_3-x",
        "kbs:///default/key/1?,                                    resource/default/key/1?",
        "kbs+nebula-ca:///credential?name=node,                    nebula-ca/credential?name=node",
        "kbs+provisioner:///default/0a1b/root,                     provisioner/default/0a1b/root",
        "kbs+external:///a/b/c/d/e,                                external/a/b/c/d/e",
    })
    void parse_wellFormed_keepsTextAndGivesHttpPath(String text, String httpPath) throws KbsProtocolException {
        ResourceUri uri = ResourceUri.parse(text);
        assertThat(uri.toString()).isEqualTo(text);
        assertThat(uri.toUri()).isEqualTo(URI.create(text));
        assertThat(ResourceUri.from(uri.toUri())).isEqualTo(uri);
        assertThat(uri.httpPath()).isEqualTo(httpPath);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "kbs",
                "kbs:",
                "kbs:/a/b/c",
                "a/b/c",
                "http:///repo/type/tag",
                "KBS:///repo/type/tag",
                "kbs+:///repo/type/tag",
                "kbs+Up:///repo/type/tag",
                "kbs+a/b:///repo/type/tag",
                "kbs://repo",
                "kbs:///",
                "kbs:///a/b",
                "kbs:///a/b/c/d",
                "kbs:///a/b/c/",
                "kbs:////b/c",
                "kbs:///a//c",
                "kbs:///a/./c",
                "kbs:///a/../c",
                "kbs:///a/.hidden/c",
                "kbs:///a/%2e%2e/c",
                "kbs:///a/b c/d",
                "kbs:///a/b/c#d",
                "kbs:///a/b/c?d#e",
                "kbs:///a/b/c?d e",
                "kbs:///a/b/c?%00",
                "kbs:///ä/b/c",
                "kbs://user@host/a/b/c",
                "kbs://host:port/a/b/c",
                "kbs:///kbs:///default/key/1",
                "kbs+resource:///a/b",
                "kbs+x:///",
                "kbs+x:///a//b",
                "kbs+x:///a/../b",
                "kbs+x:///a/b/",
                "file:///a/b/c",
            })
    void parse_malformed_refused(String text) {
        assertThatThrownBy(() -> ResourceUri.parse(text))
                .isInstanceOf(KbsProtocolException.class)
                .hasMessageContaining("resource URI");
    }

    @Test
    void parse_atLengthLimit_accepted() throws KbsProtocolException {
        String start = "kbs:///a/b/c?";
        String text = start + "q".repeat(ResourceUri.MAX_LENGTH - start.length());
        assertThat(ResourceUri.parse(text).toString()).isEqualTo(text);
        assertThatThrownBy(() -> ResourceUri.parse(text + "q")).hasMessageContaining("limit 2048");
    }

    /** As guest-components has it, the long form names the same and is written in the short one. */
    @Test
    void parse_resourcePluginNamed_isTheShortForm() throws KbsProtocolException {
        ResourceUri uri = ResourceUri.parse("kbs+resource:///repo/type/tag");
        assertThat(uri).isEqualTo(ResourceUri.parse("kbs:///repo/type/tag")).hasToString("kbs:///repo/type/tag");
        assertThat(uri.resource()).contains(new ResourcePath("repo", "type", "tag"));
        assertThat(ResourceUri.parse("kbs+x:///repo/type/tag").resource()).isEmpty();
    }

    @Test
    void parse_pluginSegmentsAtLimit_accepted() throws KbsProtocolException {
        String text = "kbs+x:///a" + "/b".repeat(ResourceUri.MAX_SEGMENTS - 1);
        assertThat(ResourceUri.parse(text).path()).hasSize(ResourceUri.MAX_SEGMENTS);
        assertThatThrownBy(() -> ResourceUri.parse(text + "/c")).hasMessageContaining("1 to 16 segments");
    }

    @Test
    void parse_partAtLimit_accepted() throws KbsProtocolException {
        String part = "p".repeat(ResourcePath.MAX_PART_LENGTH);
        assertThat(ResourcePath.parse("a/b/" + part).tag()).isEqualTo(part);
        assertThatThrownBy(() -> ResourcePath.parse("a/b/" + part + "p")).isInstanceOf(KbsProtocolException.class);
    }

    @Test
    void constructor_malformed_refused() {
        List<String> path = List.of("a", "b", "c");
        assertThatThrownBy(() -> new ResourceUri("resource", Optional.empty(), List.of("a", "b"), Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ResourceUri("../x", Optional.empty(), path, Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ResourceUri("resource", Optional.of("a/b"), path, Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ResourceUri("resource", Optional.empty(), path, Optional.of("a#b")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ResourcePath("a", "b/c", "d")).isInstanceOf(IllegalArgumentException.class);
    }

    @Property
    void parse_written_isItself(@ForAll("uris") ResourceUri uri) throws KbsProtocolException {
        assertThat(ResourceUri.parse(uri.toString())).isEqualTo(uri);
        assertThat(ResourceUri.from(uri.toUri())).isEqualTo(uri);
    }

    @Property
    void parse_anyText_keptOrRefused(@ForAll String text) {
        try {
            assertThat(ResourceUri.parse("kbs:///" + text).toString()).isEqualTo("kbs:///" + text);
        } catch (KbsProtocolException e) {
            assertThat(e).hasMessageContaining("resource URI");
        }
    }

    @Provide
    Arbitrary<ResourceUri> uris() {
        Arbitrary<String> part = Arbitraries.strings()
                .withCharRange('a', 'z')
                .withCharRange('A', 'Z')
                .withCharRange('0', '9')
                .withChars('_', '-', '.')
                .ofMinLength(1)
                .ofMaxLength(20)
                .filter(text -> text.charAt(0) != '.');
        Arbitrary<String> plugin = Arbitraries.of("resource", "pkcs11", "a-b");
        Arbitrary<Optional<String>> authority = Arbitraries.of("", "host", "host:8080", "[::1]:1")
                .map(text -> text.isEmpty() ? Optional.empty() : Optional.of(text));
        Arbitrary<Optional<String>> query = Arbitraries.of("-", "", "a=b", "a=b&c=d?/")
                .map(text -> text.equals("-") ? Optional.empty() : Optional.of(text));
        Arbitrary<List<String>> three = part.list().ofSize(3);
        Arbitrary<List<String>> path = part.list().ofMinSize(1).ofMaxSize(ResourceUri.MAX_SEGMENTS);
        return plugin.flatMap(name -> Combinators.combine(authority, name.equals("resource") ? three : path, query)
                .as((host, segments, text) -> new ResourceUri(name, host, segments, text)));
    }
}
