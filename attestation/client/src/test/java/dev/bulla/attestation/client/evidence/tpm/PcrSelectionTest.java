package dev.bulla.attestation.client.evidence.tpm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.client.EvidenceUnavailableException;
import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class PcrSelectionTest {
    @Property
    void read_whatWasWritten_isTheSame(@ForAll @IntRange(max = 0xFFFFFF) int mask) throws Exception {
        PcrSelection selection = new PcrSelection(mask);
        TpmCommand command = TpmCommand.of("selection", 0);
        selection.write(command);
        TpmReader in = new TpmReader("selection", command.parameters());
        assertThat(PcrSelection.read(in)).isEqualTo(selection);
        in.end();
        for (int pcr = 0; pcr < PcrSelection.COUNT; pcr++) {
            assertThat(selection.has(pcr)).isEqualTo((mask & 1 << pcr) != 0);
        }
    }

    private static PcrSelection read(String hex) throws EvidenceUnavailableException {
        return PcrSelection.read(new TpmReader("selection", HexFormat.of().parseHex(hex)));
    }

    @Test
    void read_otherBankThatIsEmpty_isLeftAside() throws Exception {
        assertThat(read("00000002" + "000403000000" + "000b03010000")).isEqualTo(new PcrSelection(1));
    }

    @Test
    void read_beyondTheLimits_isRefused() throws Exception {
        assertThat(read("00000001" + "000b04ffffff00")).isEqualTo(PcrSelection.ALL);
        assertThatThrownBy(() -> read("00000001" + "000b0400000001")).hasMessageContaining("above 23");
        assertThat(read("00000010" + "000b00".repeat(16)).mask()).isZero();
        assertThatThrownBy(() -> read("00000011" + "000b00".repeat(17))).hasMessageContaining("17 PCR banks");
        assertThatThrownBy(() -> read("ffffffff")).hasMessageContaining("beyond its end");
        assertThatThrownBy(() -> read("00000001" + "000b03ff")).hasMessageContaining("missing");
    }
}
