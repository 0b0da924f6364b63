package dev.bulla.attestation.client.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.oci.json.JsonWriter;
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
    void registers_sample_areNone() {
        assertThat(new SampleAttester().registers()).isEmpty();
    }
}
