package dev.bulla.attestation.client.initdata;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.attestation.protocol.InitDataDocument;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Initdata and what a TEE says it was started with. */
class BoundInitDataTest {

    private static InitDataDocument document(String algorithm) throws Exception {
        return InitDataDocument.parse(
                ("version = \"0.1.0\"\nalgorithm = \"" + algorithm + "\"\n[data]\n\"aa.toml\" = \"x\"\n")
                        .getBytes(StandardCharsets.UTF_8));
    }

    private static InitDataField field(byte[] value) {
        return new InitDataField() {
            @Override
            public String name() {
                return "MRCONFIGID";
            }

            @Override
            public byte[] read() {
                return value;
            }
        };
    }

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
    void verify_digestCutOrFilled_isBound(String algorithm, int length) throws Exception {
        InitDataDocument document = document(algorithm);
        byte[] measured =
                Arrays.copyOf(document.algorithm().digest(document.text().getBytes(StandardCharsets.UTF_8)), length);
        assertThat(BoundInitData.verify(document, field(measured)).document()).isEqualTo(document);
    }

    @Test
    void verify_oneBitAnywhereElse_isRefused() throws Exception {
        InitDataDocument document = document("sha256");
        for (int i = 0; i < 48; i++) {
            byte[] measured = document.digest(48);
            measured[i] ^= 1;
            assertThatThrownBy(() -> BoundInitData.verify(document, field(measured)))
                    .isInstanceOf(InitDataMismatchException.class)
                    .hasMessageContainingAll("MRCONFIGID", "other initdata", "sha256");
        }
    }

    @Test
    void verify_guestStartedWithout_isRefused() throws Exception {
        InitDataDocument document = document("sha384");
        assertThatThrownBy(() -> BoundInitData.verify(document, field(new byte[48])))
                .isInstanceOf(InitDataMismatchException.class);
    }

    @Test
    void verify_fieldTooShortToBind_isRefused() throws Exception {
        InitDataDocument document = document("sha384");
        for (int length : new int[] {0, 1, 31}) {
            assertThatThrownBy(() -> BoundInitData.verify(document, field(document.digest(length))))
                    .isInstanceOf(InitDataMismatchException.class)
                    .hasMessageContaining("got " + length + " bytes");
        }
    }

    @Test
    void verify_teeThatSaysNothing_isNoBinding() throws Exception {
        InitDataDocument document = document("sha384");
        assertThatThrownBy(() -> BoundInitData.verify(document, new InitDataField() {
                    @Override
                    public String name() {
                        return "HOST_DATA";
                    }

                    @Override
                    public byte[] read() throws IOException {
                        throw new IOException("no such device");
                    }
                }))
                .isInstanceOf(IOException.class);
    }
}
