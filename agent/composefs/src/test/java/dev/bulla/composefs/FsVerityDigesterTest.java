package dev.bulla.composefs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Values computed with fsverity-utils and the composefs tools; the sha512 ones by their first digits. */
class FsVerityDigesterTest {

    static Stream<Arguments> vectors() {
        return Stream.of(
                Arguments.of(
                        "empty",
                        new byte[0],
                        "3d248ca542a24fc62d1c43b916eae5016878e2533c88238480b26128a1f1af95",
                        "ccf9e5aea1c2a64e"),
                Arguments.of(
                        "hello world and a newline",
                        "hello world\n".getBytes(StandardCharsets.UTF_8),
                        "37061ef2ac4c21bec68489b56138c5780306a4ad7fe6676236ecdf2c9027cd92",
                        "4098b052d2427dc9"),
                Arguments.of(
                        "hello world",
                        "hello world".getBytes(StandardCharsets.UTF_8),
                        "1e2eaa4202d750a41174ee454970b92c1bc2f925b1e35076d8c7d5f56362ba64",
                        "18430270729d162d"),
                Arguments.of(
                        "one block of zeros",
                        new byte[4096],
                        "babc284ee4ffe7f449377fbf6692715b43aec7bc39c094a95878904d34bac97e",
                        "928922686c4caf32"),
                Arguments.of(
                        "one zero more than a block",
                        new byte[4097],
                        "093756e4ea9683329106d4a16982682ed182c14bf076463a9e7f97305cbac743",
                        "4339f5da3788e60f"),
                Arguments.of(
                        "128 blocks",
                        filled(524288),
                        "35ce0df2a57eb54aeba7969570bac9dfadfac295ec181a03f13ac7a7da54909e",
                        "33cd2ae08a4eda1a"),
                Arguments.of(
                        "one byte more than 128 blocks",
                        filled(524289),
                        "cc4f297494cf9e0b6f159db6d30a62d3fcc219fc9c0cbc2d8792bd264da4d9cb",
                        "8b542b5e5e4c55e3"),
                Arguments.of(
                        "1 MiB",
                        counting(1 << 20),
                        "93c995656d665b81c3a87eed032fcf06a8f9cecef51e3f5e5af7fa59fef1d439",
                        "41af04461110f149"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("vectors")
    void digest_goldenVector_matches(String name, byte[] bytes, String sha256, String sha512Start) {
        assertThat(FsVerityDigester.of(VerityAlgorithm.SHA256_4K, bytes).hex())
                .as(name)
                .isEqualTo(sha256);
        assertThat(FsVerityDigester.of(VerityAlgorithm.SHA512_4K, bytes).hex())
                .as(name)
                .startsWith(sha512Start);
    }

    @Property(tries = 60)
    void digest_anySplit_isTheSame(
            @ForAll @IntRange(max = 70_000) int size, @ForAll @IntRange(min = 1, max = 9000) int step) {
        byte[] bytes = counting(size);
        FsVerityDigester digester = new FsVerityDigester(VerityAlgorithm.SHA256_4K);
        for (int at = 0; at < size; at += step) {
            digester.update(bytes, at, Math.min(step, size - at));
        }
        assertThat(digester.size()).isEqualTo(size);
        assertThat(digester.finish()).isEqualTo(FsVerityDigester.of(VerityAlgorithm.SHA256_4K, bytes));
    }

    @Test
    void update_afterFinish_isRefused() {
        FsVerityDigester digester = new FsVerityDigester(VerityAlgorithm.SHA256_4K);
        digester.finish();
        assertThatThrownBy(() -> digester.update(new byte[1], 0, 1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(digester::finish).isInstanceOf(IllegalStateException.class);
    }

    private static byte[] filled(int size) {
        byte[] bytes = new byte[size];
        Arrays.fill(bytes, (byte) 'a');
        return bytes;
    }

    private static byte[] counting(int size) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) {
            bytes[i] = (byte) (i % 251);
        }
        return bytes;
    }
}
