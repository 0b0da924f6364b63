package dev.bulla.attestation.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class Kmac256Test {
    private static final HexFormat HEX = HexFormat.of();
    private static final byte[] KEY = sequence(0x40, 32);

    /** The samples 4, 5 and 6 that NIST publishes with SP 800-185. */
    @Test
    void mac_nistSamples_areAsPublished() {
        byte[] tagged = "My Tagged Application".getBytes(StandardCharsets.US_ASCII);
        assertThat(HEX.formatHex(Kmac256.mac(KEY, sequence(0, 4), 64, tagged)))
                .isEqualTo("20c570c31346f703c9ac36c61c03cb64c3970d0cfc787e9b79599d273a68d2f7"
                        + "f69d4cc3de9d104a351689f27cf6f5951f0103f33f4f24871024d9c27773a8dd");
        assertThat(HEX.formatHex(Kmac256.mac(KEY, sequence(0, 200), 64, new byte[0])))
                .isEqualTo("75358cf39e41494e949707927cee0af20a3ff553904c86b08f21cc414bcfd691"
                        + "589d27cf5e15369cbbff8b9a4c2eb17800855d0235ff635da82533ec6b759b69");
        assertThat(HEX.formatHex(Kmac256.mac(KEY, sequence(0, 200), 64, tagged)))
                .isEqualTo("b58618f71f92e1d56c1b8c55ddd7cd188b97b4ca4d99831eb2699a837da2e4d9"
                        + "70fbacfde50033aea585f1a2708510c32d07880801bd182898fe476876fc8965");
    }

    /** The same sponge is SHA3-256, which the JDK has; lengths around the rate of 136. */
    @Property(tries = 300)
    void sponge_asSha3_isTheJdks(@ForAll @Size(max = 420) byte[] message) throws Exception {
        assertThat(Keccak.sponge(message, 136, 0x06, 32))
                .isEqualTo(MessageDigest.getInstance("SHA3-256").digest(message));
    }

    @Test
    void sponge_aroundABlock_isTheJdks() throws Exception {
        for (int length = 134; length <= 138; length++) {
            byte[] message = sequence(1, length);
            assertThat(Keccak.sponge(message, 136, 0x06, 32))
                    .isEqualTo(MessageDigest.getInstance("SHA3-256").digest(message));
        }
    }

    /** SHAKE256 of nothing, beyond one block of output (FIPS 202 example values). */
    @Test
    void sponge_moreThanABlock_squeezesOn() {
        byte[] out = Keccak.sponge(new byte[0], 136, 0x1f, 512);
        assertThat(HEX.formatHex(out, 0, 32))
                .isEqualTo("46b9dd2b0ba88d13233b3feb743eeb243fcd52ea62b81b82b50c27646ed5762f");
        assertThat(HEX.formatHex(out, 480, 512))
                .isEqualTo("ab0bae316339894304e35877b0c28a9b1fd166c796b9cc258a064a8f57e27f2a");
    }

    private static byte[] sequence(int first, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (first + i);
        }
        return bytes;
    }
}
