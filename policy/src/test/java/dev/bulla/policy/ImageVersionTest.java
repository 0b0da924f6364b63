package dev.bulla.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageVersionTest {

    private static ImageVersion version(String text) {
        return ImageVersion.parse(text).orElseThrow(() -> new AssertionError(text));
    }

    @Test
    void compareTo_semanticVersionsInTheirOrder_eachBelowTheNext() {
        List<String> rising = List.of(
                "0",
                "0.0.1",
                "1-0",
                "1.0.0-alpha",
                "1.0.0-alpha.1",
                "1.0.0-alpha.beta",
                "1.0.0-beta",
                "1.0.0-beta.2",
                "1.0.0-beta.11",
                "1.0.0-rc.1",
                "1.0.0",
                "1.0.1",
                "1.2",
                "1.10-1",
                "1.10",
                "2024.01.05",
                "2024.1.6");
        for (int i = 0; i < rising.size(); i++) {
            for (int j = 0; j < rising.size(); j++) {
                assertThat(Integer.signum(version(rising.get(i)).compareTo(version(rising.get(j)))))
                        .as("%s, %s", rising.get(i), rising.get(j))
                        .isEqualTo(Integer.compare(i, j));
            }
        }
    }

    @Test
    void compareTo_sameVersionWrittenOtherwise_equal() {
        for (List<String> same : List.of(
                List.of("1.4", "v1.4.0", "1.4.0+build.5", "01.04", "1.4.0.0"),
                List.of("0", "0.0.0", "v0"),
                List.of("2-rc.1", "2.0.0-rc.01", "v2.0-rc.1+x-y"))) {
            assertThat(same.stream().map(ImageVersionTest::version).distinct()).hasSize(1);
            assertThat(version(same.getFirst()).compareTo(version(same.getLast())))
                    .isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "v", "latest", "1.", ".1", "1..2", "1.x", "V1", "1-", "1-a..b", "1+", "1+a+b", "1 ", " 1", "1\n",
                "-1", "1.4_1", "1.4.0-é", "١"
            })
    void parse_noVersion_empty(String text) {
        assertThat(ImageVersion.parse(text)).isEmpty();
    }

    @Test
    void parse_digitsAtAndOverTheLimit_takenAndNot() {
        String most = "9".repeat(ImageVersion.MAX_DIGITS);
        assertThat(version(most + ".1-" + most)).hasToString(most + ".1-" + most);
        assertThat(ImageVersion.parse(most + "9")).isEmpty();
        assertThat(ImageVersion.parse("1-" + most + "9")).isEmpty();
    }

    @Test
    void parse_charactersAtAndOverTheLimit_takenAndNot() {
        String most = "1+" + "a".repeat(ImageVersion.MAX_LENGTH - 2);
        assertThat(ImageVersion.parse(most)).isPresent();
        assertThat(ImageVersion.parse(most + "a")).isEmpty();
    }

    @Provide
    Arbitrary<String> versions() {
        Arbitrary<String> numbers = Arbitraries.integers()
                .between(0, 3)
                .map(String::valueOf)
                .list()
                .ofMinSize(1)
                .ofMaxSize(4)
                .map(list -> String.join(".", list));
        Arbitrary<String> identifiers = Arbitraries.of("0", "1", "11", "a", "b", "-", "A1")
                .list()
                .ofMaxSize(3)
                .map(list -> list.isEmpty() ? "" : "-" + String.join(".", list));
        return Combinators.combine(numbers, identifiers, Arbitraries.of("", "+b"))
                .as((n, i, b) -> n + i + b);
    }

    @Property
    void toString_readAgain_theSame(@ForAll("versions") String text) {
        ImageVersion version = version(text);
        assertThat(version(version.toString())).isEqualTo(version);
    }

    @Property
    void compareTo_anyThree_aTotalOrder(
            @ForAll("versions") String a, @ForAll("versions") String b, @ForAll("versions") String c) {
        ImageVersion x = version(a);
        ImageVersion y = version(b);
        ImageVersion z = version(c);
        assertThat(Integer.signum(x.compareTo(y))).isEqualTo(-Integer.signum(y.compareTo(x)));
        assertThat(x.compareTo(y) == 0).isEqualTo(x.equals(y));
        List<ImageVersion> sorted = List.of(x, y, z).stream().sorted().collect(Collectors.toList());
        assertThat(sorted.get(0).compareTo(sorted.get(2))).isLessThanOrEqualTo(0);
        assertThat(sorted.get(0).compareTo(sorted.get(1))).isLessThanOrEqualTo(0);
        assertThat(sorted.get(1).compareTo(sorted.get(2))).isLessThanOrEqualTo(0);
    }
}
