package dev.bulla.composefs.signature;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class FormattedDigestTest {
    private static final String MAGIC = "4653566572697479";

    @Test
    void bytes_sha256_areThoseOfTheKernel() {
        VerityDigest digest = new VerityDigest(VerityAlgorithm.SHA256_4K, "ab".repeat(32));
        assertThat(HexFormat.of().formatHex(new FormattedDigest(digest).bytes()))
                .isEqualTo(MAGIC + "01002000" + "ab".repeat(32));
    }

    @Test
    void bytes_sha512Of64K_areThoseOfTheKernel() {
        VerityDigest digest = new VerityDigest(VerityAlgorithm.SHA512_64K, "cd".repeat(64));
        assertThat(HexFormat.of().formatHex(new FormattedDigest(digest).bytes()))
                .isEqualTo(MAGIC + "02004000" + "cd".repeat(64));
    }
}
