package dev.bulla.policy.openpgp;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.bulla.policy.signature.KeyMaterialException;
import dev.bulla.policy.signature.SignatureRejectedException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Whatever the bytes, a reader gives a value or its own refusal in one line. */
class OpenPgpFuzzTest {
    private static final Instant NOW = Instant.parse("2026-12-31T00:00:00Z");

    private static final byte[] RING = seed("keyRing/subkeys.gpg");

    private static byte[] seed(String name) {
        try (InputStream in = OpenPgpFuzzTest.class.getResourceAsStream("OpenPgpFuzzTestInputs/" + name)) {
            return requireNonNull(in, name).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static KeyRing ring(byte[] file) throws KeyMaterialException {
        KeyRingReader reader = new KeyRingReader();
        reader.add(file, "fuzz");
        return reader.ring();
    }

    @FuzzTest
    void keyRing(byte[] bytes) {
        try {
            assertThat(SignedMessage.verify(seed("message/plain.sig"), ring(bytes), NOW)
                            .signer()
                            .id())
                    .startsWith("openpgp:");
        } catch (KeyMaterialException | SignatureRejectedException e) {
            assertThat(e.getMessage()).isNotEmpty().doesNotContain("\n");
        }
    }

    @FuzzTest
    void message(byte[] bytes) throws KeyMaterialException {
        try {
            assertThat(SignedMessage.verify(bytes, ring(RING), NOW).content())
                    .isEqualTo("{\"a\":1}\n".getBytes(StandardCharsets.US_ASCII));
        } catch (SignatureRejectedException e) {
            assertThat(e.getMessage()).isNotEmpty().doesNotContain("\n");
        }
    }

    @Test
    void seeds_asTheyAre_accepted() throws Exception {
        for (String name : new String[] {"message/plain.sig", "message/compressed.sig"}) {
            assertThat(SignedMessage.verify(seed(name), ring(RING), NOW).content())
                    .hasSize(8);
        }
        assertThat(ring(seed("keyRing/armoured.asc")).fingerprints()).hasSize(1);
        assertThat(ring(seed("keyRing/revoked.gpg")).fingerprints()).hasSize(1);
    }

    /** Some bits of a ring and of a message, for which no fuzzing engine is needed. */
    @Test
    void seeds_withABitFlippedOrCut_valueOrRefusal() throws Exception {
        byte[] message = seed("message/compressed.sig");
        for (int bit = 0; bit < message.length * 8; bit += 3) {
            message(flipped(message, bit));
        }
        for (int bit = 0; bit < RING.length * 8; bit += 61) {
            keyRing(flipped(RING, bit));
        }
        for (int length = 0; length < RING.length; length += 61) {
            keyRing(Arrays.copyOf(RING, length));
        }
    }

    private static byte[] flipped(byte[] bytes, int bit) {
        byte[] flipped = bytes.clone();
        flipped[bit / 8] ^= (byte) (1 << bit % 8);
        return flipped;
    }
}
