package dev.bulla.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

class ImageReferenceTest {
    private static final String HEX = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    private static final String DIGEST = "sha256:" + HEX;

    @ParameterizedTest
    @CsvSource({
        "busybox, docker.io/library/busybox",
        "busybox:1, docker.io/library/busybox:1",
        "library/busybox, docker.io/library/busybox",
        "team/app, docker.io/team/app",
        "docker.io/busybox, docker.io/library/busybox",
        "index.docker.io/busybox, docker.io/library/busybox",
        "index.docker.io/team/app, docker.io/team/app",
        "registry-1.docker.io/busybox, registry-1.docker.io/busybox",
        "docker.io/library/busybox@" + DIGEST + ", docker.io/library/busybox@" + DIGEST,
        "busybox:1@" + DIGEST + ", docker.io/library/busybox:1@" + DIGEST,
        "localhost/a, localhost/a",
        "localhost:5000/a:1, localhost:5000/a:1",
        "localhost, docker.io/library/localhost",
        "localhost:5000, docker.io/library/localhost:5000",
        "reg.example/a, reg.example/a",
        "reg.example:5000/a/b/c:x_y.z-1, reg.example:5000/a/b/c:x_y.z-1",
        "REG/a, REG/a",
        "Reg.Example/a, Reg.Example/a",
        "reg:80/a, reg:80/a",
        "[::1]/a, [::1]/a",
        "[2001:db8::1]:5000/a:t, [2001:db8::1]:5000/a:t",
        "10.0.0.1/a, 10.0.0.1/a",
        "a__b/c--d/e.f/g_h, docker.io/a__b/c--d/e.f/g_h",
        "reg.example/a---b, reg.example/a---b",
        "reg.example/0, reg.example/0",
        "reg.example/a:_, reg.example/a:_",
    })
    void parse_reference_isNormalisedAsDockerDoes(String text, String expected) throws OciException {
        assertThat(ImageReference.parse(text)).hasToString(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ":",
                "@",
                "/",
                ":tag",
                "@" + DIGEST,
                HEX,
                "Busybox",
                "team/App",
                "reg.example/",
                "reg.example//a",
                "/a",
                "a/",
                "reg.example/a/",
                "reg.example/-a",
                "reg.example/a-",
                "reg.example/.a",
                "reg.example/a..b",
                "reg.example/a___b",
                "reg.example/a_.b",
                "reg.example/a b",
                "reg.example/..",
                "reg.example/a/../b",
                "-reg.example/a",
                "reg.example-/a",
                "reg..example/a",
                ".example/a",
                "reg.example:/a",
                "reg.example:port/a",
                "reg_x.example/a",
                "[::1/a",
                "::1/a",
                "[::g]/a",
                "[fe80::1%eth0]/a",
                "user@reg.example/a",
                "http://reg.example/a",
                "docker://busybox",
                "a:",
                "a:-x",
                "a:.x",
                "a:x/y:",
                "a@",
                "a@sha256:abc",
                "a@" + DIGEST + "0",
                "a@" + DIGEST + "@" + DIGEST,
                "a@" + DIGEST + ":tag",
                "a\n",
                "a\u0000",
                "a:x\r\nX-Evil: 1",
                "\u00e4/b",
                "a:\u00e4",
                "reg.example/\u0430",
            })
    void parse_noReference_isRefused(String text) {
        assertThatThrownBy(() -> ImageReference.parse(text))
                .isInstanceOf(OciException.class)
                .hasMessageNotContaining("\n")
                .hasMessageNotContaining("\r");
    }

    @Test
    void parse_tagAtTheLimit_isTaken() throws OciException {
        assertThat(ImageReference.parse("a:" + "t".repeat(128)).tag()).contains("t".repeat(128));
        assertThatThrownBy(() -> ImageReference.parse("a:" + "t".repeat(129))).isInstanceOf(OciException.class);
    }

    @Test
    void parse_nameAtTheLimit_isTaken() throws OciException {
        String host = "reg.example/";
        String path = "a".repeat(ImageReference.MAX_NAME_LENGTH - host.length());
        assertThat(ImageReference.parse(host + path).path()).isEqualTo(path);
        assertThatThrownBy(() -> ImageReference.parse(host + path + "a"))
                .isInstanceOf(OciException.class)
                .hasMessageContaining("longer than 255 characters");
    }

    @Test
    void parse_nameOfManyParts_isRefusedByItsLengthFirst() {
        assertThatThrownBy(() -> ImageReference.parse("a.".repeat(2000) + "b/c"))
                .hasMessageContaining("255");
        assertThatThrownBy(() -> ImageReference.parse("r.e/" + "a-".repeat(2000) + "b"))
                .hasMessageContaining("255");
        assertThatThrownBy(() -> ImageReference.parse("a".repeat(4097))).hasMessageContaining("4096");
    }

    @Test
    void constructor_invalidParts_areRefused() {
        assertThatThrownBy(() -> new ImageReference("a b", "c", Optional.empty(), Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ImageReference("a", "C", Optional.empty(), Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ImageReference("a", "c", Optional.of("-"), Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new ImageReference("a", "c".repeat(254), Optional.empty(), Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void byDigestAndByTag_both_splitIt() throws OciException {
        ImageReference both = ImageReference.parse("reg.example/a:t@" + DIGEST);
        assertThat(both.byDigest()).hasToString("reg.example/a@" + DIGEST);
        assertThat(both.byTag()).hasToString("reg.example/a:t");
        assertThat(both.name()).isEqualTo("reg.example/a");
    }

    @Test
    void byDigestAndByTag_neither_isADefect() throws OciException {
        ImageReference bare = ImageReference.parse("reg.example/a");
        assertThatThrownBy(bare::byDigest).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(bare::byTag).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void withDefaultTag_bareOnly_isLatest() throws OciException {
        assertThat(ImageReference.parse("a").withDefaultTag()).hasToString("docker.io/library/a:latest");
        assertThat(ImageReference.parse("a:1").withDefaultTag()).hasToString("docker.io/library/a:1");
        assertThat(ImageReference.parse("a@" + DIGEST).withDefaultTag()).hasToString("docker.io/library/a@" + DIGEST);
    }

    @Property
    void parse_everyReference_roundTrips(@ForAll("references") ImageReference reference) throws OciException {
        assertThat(ImageReference.parse(reference.toString())).isEqualTo(reference);
    }

    @Provide
    Arbitrary<ImageReference> references() {
        Arbitrary<String> host = Arbitraries.of(
                "docker.io",
                "localhost",
                "localhost:5000",
                "reg.example",
                "REG:1",
                "[::1]",
                "[2001:DB8::a]:443",
                "1.2.3.4");
        Arbitrary<String> part =
                Arbitraries.strings().withChars("abz09").ofMinLength(1).ofMaxLength(6);
        Arbitrary<String> separator = Arbitraries.of(".", "_", "__", "-", "---", "/");
        Arbitrary<String> path = Combinators.combine(part, separator, part, separator, part)
                .as((a, s, b, t, c) -> a + s + b + t + c)
                .map(p -> p.indexOf('/') < 0 ? "library/" + p : p);
        Arbitrary<Optional<String>> tag = Arbitraries.strings()
                .withChars("aZ0_")
                .ofMinLength(1)
                .ofMaxLength(128)
                .optional();
        Arbitrary<Optional<Digest>> digest = Arbitraries.bytes()
                .array(byte[].class)
                .ofSize(32)
                .map(Digest.Algorithm.SHA256::fromBytes)
                .optional();
        return Combinators.combine(host, path, tag, digest).as(ImageReference::new);
    }
}
