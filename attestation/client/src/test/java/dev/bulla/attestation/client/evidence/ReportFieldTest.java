package dev.bulla.attestation.client.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.client.InitDataMismatchException;
import dev.bulla.attestation.protocol.InitDataDocument;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Initdata and what a TEE says it was started with. */
class ReportFieldTest {

    @ParameterizedTest
    @CsvSource({
        "sha256,32",
        "sha256,48",
        "sha256,64",
        "sha384,32",
        "sha384,48",
        "sha384,64",
        "sha512,32",
        "sha512,48",
        "sha512,64"
    })
    void compare_digestCutOrFilled_isBound(String algorithm, int length) throws Exception {
        InitDataDocument document = InitDatas.of(algorithm);
        byte[] measured =
                Arrays.copyOf(document.algorithm().digest(document.text().getBytes(StandardCharsets.UTF_8)), length);
        assertThat(ReportField.compare("MRCONFIGID", measured, document)).isEqualTo(InitDataBinding.BOUND);
    }

    @Test
    void compare_oneBitAnywhereElse_isRefused() throws Exception {
        InitDataDocument document = InitDatas.of("sha256");
        for (int i = 0; i < 48; i++) {
            byte[] measured = document.digest(48);
            measured[i] ^= 1;
            assertThatThrownBy(() -> ReportField.compare("MRCONFIGID", measured, document))
                    .isInstanceOf(InitDataMismatchException.class)
                    .hasMessageContainingAll("MRCONFIGID", "other initdata", "sha256");
        }
    }

    @Test
    void compare_guestStartedWithout_isRefused() throws Exception {
        InitDataDocument document = InitDatas.of("sha384");
        assertThatThrownBy(() -> ReportField.compare("HOST_DATA", new byte[32], document))
                .isInstanceOf(InitDataMismatchException.class);
    }

    @Test
    void compare_fieldTooShortToBind_isRefused() throws Exception {
        InitDataDocument document = InitDatas.of("sha384");
        for (int length : new int[] {0, 1, 31}) {
            assertThatThrownBy(() -> ReportField.compare("HOST_DATA", document.digest(length), document))
                    .isInstanceOf(InitDataMismatchException.class)
                    .hasMessageContaining("has " + length + " bytes");
        }
    }
}
