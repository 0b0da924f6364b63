package dev.bulla.attestation.client.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.bulla.attestation.protocol.HashAlgorithm;
import dev.bulla.oci.json.JsonWriter;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class SampleAttesterTest {
    @Test
    void evidence_anyLength_isNotFilled() {
        assertThat(JsonWriter.compact(new SampleAttester().evidence(new byte[] {1, 2, 3})))
                .isEqualTo("{\"svn\":\"1\",\"report_data\":\"AQID\"}");
    }

    @Test
    void checkInitData_sample_isNotOffered() throws Exception {
        assertThat(new SampleAttester().checkInitData(InitDatas.of("sha256"))).isEqualTo(InitDataBinding.NOT_OFFERED);
    }

    @Test
    void registers_extended_areTheHashOfBoth() throws Exception {
        RuntimeRegisters registers = new SimulatedRegisters(HashAlgorithm.SHA256);
        byte[] digest = HashAlgorithm.SHA256.digest(new byte[] {1});
        registers.extend(17, digest);
        byte[] both = HexFormat.of().parseHex("00".repeat(32) + HexFormat.of().formatHex(digest));
        assertThat(registers.read(17)).isEqualTo(HashAlgorithm.SHA256.digest(both));
        assertThat(registers.read(16)).isEqualTo(new byte[32]);
        assertThat(registers.logIndex(17)).isEqualTo(17);
        registers.read(17)[0] ^= 1;
        assertThat(registers.read(17)).isEqualTo(HashAlgorithm.SHA256.digest(both));
    }

    @Test
    void registers_ofTheSample_stayWithIt() throws Exception {
        SampleAttester sample = new SampleAttester();
        sample.registers().orElseThrow().extend(8, new byte[48]);
        assertThat(sample.registers().orElseThrow().read(8)).isNotEqualTo(new byte[48]);
    }

    @Test
    void registers_otherPcrOrLength_isADefectOfTheCaller() {
        SimulatedRegisters registers = new SimulatedRegisters(HashAlgorithm.SHA384);
        assertThatIllegalArgumentException().isThrownBy(() -> registers.extend(24, new byte[48]));
        assertThatIllegalArgumentException().isThrownBy(() -> registers.extend(-1, new byte[48]));
        assertThatIllegalArgumentException().isThrownBy(() -> registers.extend(0, new byte[32]));
        assertThatIllegalArgumentException().isThrownBy(() -> registers.read(24));
    }
}
