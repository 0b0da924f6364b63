package dev.bulla.kbs.evidence.tdx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.kbs.evidence.EvidenceException;
import java.util.Arrays;
import java.util.HexFormat;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PckExtensionTest {

    @Test
    void parse_extension_read() throws Exception {
        PckExtension extension = PckExtension.parse(SyntheticIntel.sgxExtension(200, 300));
        assertThat(extension.componentSvns()).hasSize(16).containsOnly(200);
        assertThat(extension.pceSvn()).isEqualTo(300);
        assertThat(extension.fmspc()).isEqualTo(HexFormat.of().parseHex(SyntheticIntel.FMSPC));
        assertThat(extension.sgxType()).isEqualTo(1);
        assertThat(extension.configuration()).contains(new PckExtension.Configuration(true, false, true));
    }

    @Test
    void parse_truncatedAnywhere_refused() {
        byte[] extension = SyntheticIntel.sgxExtension(3, 11);
        for (int length = 0; length < extension.length; length++) {
            byte[] cut = Arrays.copyOf(extension, length);
            assertThatThrownBy(() -> PckExtension.parse(cut)).isInstanceOf(EvidenceException.class);
        }
        assertThatThrownBy(() -> PckExtension.parse(Arrays.copyOf(extension, extension.length + 1)))
                .hasMessageContaining("left over");
    }

    @Test
    void parse_foreignOrDoubleParts_refused() {
        DERSequence part = SyntheticIntel.pair("3", new DEROctetString(new byte[2]));
        assertThatThrownBy(() -> PckExtension.parse(sequence(part, part))).hasMessageContaining("identifier 3 twice");
        assertThatThrownBy(() -> PckExtension.parse(sequence(part))).hasMessageContaining("part 2 is missing");
        DERSequence deeper = SyntheticIntel.pair("3.1", new DEROctetString(new byte[2]));
        assertThatThrownBy(() -> PckExtension.parse(sequence(deeper))).hasMessageContaining("foreign identifier");
        assertThatThrownBy(() -> PckExtension.parse(SyntheticIntel.sgxExtension(256, 11)))
                .hasMessageContaining("expected 0 to 255");
        assertThatThrownBy(() -> PckExtension.parse(SyntheticIntel.sgxExtension(-1, 11)))
                .hasMessageContaining("expected 0 to 255");
        assertThatThrownBy(() -> PckExtension.parse(SyntheticIntel.sgxExtension(3, 65536)))
                .hasMessageContaining("expected 0 to 65535");
    }

    private static byte[] sequence(ASN1Encodable... parts) {
        return SyntheticIntel.encoded(new DERSequence(parts));
    }

    @ParameterizedTest
    @CsvSource({
        "02020001, not in its shortest form",
        "0202ffff, not in its shortest form",
        "0200, not in its shortest form",
        "02810101, not in its shortest form",
        "0282000101, not in its shortest form",
        "0280, a length of 0 bytes",
        "02840000000101, a length of 4 bytes",
        "0201, truncated",
        "02, truncated",
        "0401ff, expected 2",
    })
    void number_badDer_refused(String hex, String message) {
        DerReader in = new DerReader(HexFormat.of().parseHex(hex));
        assertThatThrownBy(() -> in.number(DerReader.INTEGER, 255))
                .isInstanceOf(EvidenceException.class)
                .hasMessageContaining(message);
    }

    @Test
    void bool_badDer_refused() throws Exception {
        assertThat(new DerReader(new byte[] {1, 1, -1}).bool()).isTrue();
        assertThat(new DerReader(new byte[] {1, 1, 0}).bool()).isFalse();
        assertThatThrownBy(() -> new DerReader(new byte[] {1, 1, 1}).bool()).hasMessageContaining("neither");
        assertThatThrownBy(() -> new DerReader(new byte[] {1, 0}).bool()).hasMessageContaining("neither");
    }

    @Test
    void integer_limit_atAndOver() throws Exception {
        byte[] most = new byte[22];
        most[0] = 2;
        most[1] = 20;
        most[2] = 1;
        assertThat(new DerReader(most).integer()).isPositive();
        byte[] over = new byte[23];
        over[0] = 2;
        over[1] = 21;
        over[2] = 1;
        assertThatThrownBy(() -> new DerReader(over).integer()).hasMessageContaining("expected at most 20");
    }
}
