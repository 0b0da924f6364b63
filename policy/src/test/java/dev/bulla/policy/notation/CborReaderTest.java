package dev.bulla.policy.notation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CborReaderTest {
    private static CborValue read(String hex) throws CborException {
        return CborReader.read(HexFormat.of().parseHex(hex));
    }

    @Property(tries = 300)
    void read_whatWasWritten_isTheSame(@ForAll("values") CborValue value) throws CborException {
        assertThat(CborReader.read(CborWriter.write(value))).isEqualTo(value);
    }

    @Property(tries = 200)
    void read_whatWasCut_isRefused(@ForAll("values") CborValue value, @ForAll int cut) {
        byte[] whole = CborWriter.write(value);
        byte[] part = Arrays.copyOf(whole, Math.floorMod(cut, whole.length));
        assertThatExceptionOfType(CborException.class).isThrownBy(() -> CborReader.read(part));
    }

    @Provide
    Arbitrary<CborValue> values() {
        return value(4);
    }

    private static Arbitrary<CborValue> value(int depth) {
        Arbitrary<CborValue> number = Arbitraries.longs().map(CborValue.Int::new);
        Arbitrary<CborValue> bytes =
                Arbitraries.bytes().array(byte[].class).ofMaxSize(300).map(CborValue.Bytes::new);
        Arbitrary<CborValue> text = Arbitraries.strings()
                .ascii()
                .withChars('\u00e9', '\u20ac')
                .ofMaxLength(40)
                .map(CborValue.Text::new);
        Arbitrary<CborValue> simple = Arbitraries.of(CborValue.Simple.values()).map(value -> value);
        if (depth == 0) {
            return Arbitraries.oneOf(List.of(number, bytes, text, simple));
        }
        Arbitrary<CborValue> inner = Arbitraries.lazy(() -> value(depth - 1));
        Arbitrary<CborValue> array = inner.list().ofMaxSize(5).map(CborValue.Array::new);
        Arbitrary<CborValue> map = Arbitraries.maps(Arbitraries.oneOf(List.of(number, text)), inner)
                .ofMaxSize(5)
                .map(entries -> new CborValue.MapValue(new LinkedHashMap<>(entries)));
        Arbitrary<CborValue> tagged = Combinators.combine(Arbitraries.longs().greaterOrEqual(0), inner)
                .as(CborValue.Tagged::new);
        return Arbitraries.oneOf(List.of(number, bytes, text, simple, array, map, tagged));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''               | ends early
            0000             | 1 bytes after
            1800             | shortest form
            1817             | shortest form
            1900ff           | shortest form
            1a0000ffff       | shortest form
            1b00000000ffffffff | shortest form
            1bffffffffffffffff | more than 63 bits
            1c               | reserved head
            5f4100ff         | indefinite length
            9f00ff           | indefinite length
            bf0000ff         | indefinite length
            ff               | floating point number or a simple value
            f93c00           | floating point number or a simple value
            f7               | floating point number or a simple value
            4400             | only 1 are left
            5b7fffffffffffffff | only 0 are left
            9b7fffffffffffffff | only 0 bytes are left
            820118           | ends early
            62c328           | not UTF-8
            a2010001f6       | duplicate map key
            a14100f6         | expected an integer or a text
            a1f600           | expected an integer or a text
            c1               | ends early
            """)
    void read_whatIsNotOfTheSubset_isRefused(String hex, String message) {
        assertThatExceptionOfType(CborException.class)
                .isThrownBy(() -> read(hex))
                .withMessageContaining(message);
    }

    @Test
    void read_mapInAnyOrder_isTaken() throws Exception {
        assertThat(read("a2020001f6"))
                .isEqualTo(new CborValue.MapValue(Map.of(
                        new CborValue.Int(2), new CborValue.Int(0), new CborValue.Int(1), CborValue.Simple.NULL)));
    }

    @Test
    void read_nestingAtAndOverTheLimit() throws Exception {
        byte[] deepest = new byte[CborReader.MAX_DEPTH + 1];
        Arrays.fill(deepest, (byte) 0x81);
        deepest[CborReader.MAX_DEPTH] = 0;
        assertThat(CborReader.read(deepest).kind()).isEqualTo("an array of 1");
        byte[] over = new byte[CborReader.MAX_DEPTH + 2];
        Arrays.fill(over, (byte) 0xc1);
        over[CborReader.MAX_DEPTH + 1] = 0;
        assertThatExceptionOfType(CborException.class)
                .isThrownBy(() -> CborReader.read(over))
                .withMessageContaining("nest deeper than 16");
    }

    @Test
    void read_itemsAtAndOverTheLimit() throws Exception {
        assertThat(CborReader.read(zeros(CborReader.MAX_ITEMS - 1)).kind()).isEqualTo("an array of 4095");
        assertThatExceptionOfType(CborException.class)
                .isThrownBy(() -> CborReader.read(zeros(CborReader.MAX_ITEMS)))
                .withMessageContaining("more than 4096 items");
    }

    private static byte[] zeros(int items) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        CborWriter.head(out, 4, items);
        out.writeBytes(new byte[items]);
        return out.toByteArray();
    }
}
