package dev.bulla.composefs.signature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DigestFileTest {
    /** A constant, as annotations need. */
    private static final String HEX = "abababababababababababababababababababababababababababababababab";

    @ParameterizedTest
    @EnumSource(VerityAlgorithm.class)
    void parse_whatBytesWrote_isTheDigest(VerityAlgorithm algorithm) throws Exception {
        VerityDigest digest = new VerityDigest(algorithm, "0f".repeat(algorithm.length()));
        byte[] bytes = new DigestFile(digest).bytes();
        assertThat(new String(bytes, StandardCharsets.US_ASCII)).isEqualTo(algorithm.id() + ":" + digest.hex() + "\n");
        assertThat(bytes.length).isLessThanOrEqualTo(DigestFile.MAX_LENGTH);
        assertThat(DigestFile.parse(bytes, DigestFile.Form.TEXT).digest()).isEqualTo(digest);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\n",
                HEX + "\n",
                "fsverity-sha256-12:\n",
                "sha256:" + HEX + "\n",
                "fsverity-sha256-12:" + HEX,
                "fsverity-sha256-12:" + HEX + "\r\n",
                "fsverity-sha256-12:" + HEX + "\n\n",
                " fsverity-sha256-12:" + HEX + "\n",
                "fsverity-sha256-12: " + HEX + "\n",
                "fsverity-sha256-13:" + HEX + "\n",
                "fsverity-sha512-12:" + HEX + "\n",
                "fsverity-sha256-12:" + HEX + "00\n",
            })
    void parse_anythingElse_isRefused(String text) {
        SignatureRefusedException refused = catchThrowableOfType(
                SignatureRefusedException.class,
                () -> DigestFile.parse(text.getBytes(StandardCharsets.ISO_8859_1), DigestFile.Form.TEXT));
        assertThat(refused.check()).isEqualTo(SignatureCheck.DIGEST);
        assertThat(refused.getMessage()).doesNotContain("\n");
    }

    @Test
    void parse_upperCase_isRefused() {
        byte[] bytes = ("fsverity-sha256-12:" + "AB".repeat(32) + "\n").getBytes(StandardCharsets.US_ASCII);
        assertThatThrownBy(() -> DigestFile.parse(bytes, DigestFile.Form.TEXT))
                .isInstanceOf(SignatureRefusedException.class);
    }

    @Test
    void parse_lengthAtAndOverTheLimit_isToldApart() {
        assertThatThrownBy(() -> DigestFile.parse(new byte[DigestFile.MAX_LENGTH], DigestFile.Form.TEXT))
                .hasMessageContaining("expected fsverity-sha256-12:");
        assertThatThrownBy(() -> DigestFile.parse(new byte[DigestFile.MAX_LENGTH + 1], DigestFile.Form.TEXT))
                .hasMessageContaining("limit " + DigestFile.MAX_LENGTH);
    }

    @Test
    void parse_rawBytes_areTheDigestOfTheirLength() throws Exception {
        VerityDigest sha256 = new VerityDigest(VerityAlgorithm.SHA256_4K, HEX);
        VerityDigest sha512 = new VerityDigest(VerityAlgorithm.SHA512_4K, HEX + HEX);
        assertThat(DigestFile.parse(sha256.bytes(), DigestFile.Form.RAW).digest())
                .isEqualTo(sha256);
        assertThat(DigestFile.parse(sha512.bytes(), DigestFile.Form.RAW).digest())
                .isEqualTo(sha512);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 31, 33, 63, 65, 84})
    void parse_rawBytesOfOtherLengths_areRefused(int length) {
        assertThatThrownBy(() -> DigestFile.parse(new byte[length], DigestFile.Form.RAW))
                .isInstanceOf(SignatureRefusedException.class);
    }

    @Test
    void parse_rawBytesWhereTextIsExpected_areRefused() {
        assertThatThrownBy(() -> DigestFile.parse(new byte[32], DigestFile.Form.TEXT))
                .isInstanceOf(SignatureRefusedException.class);
    }
}
