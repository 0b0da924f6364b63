package dev.bulla.attestation.protocol;

import java.util.Arrays;

/**
 * The sponge of FIPS 202 over Keccak-f[1600], for what the JDK builds on it and does not offer.
 *
 * <p><b>Security.</b> No branch and no index depends on the message, so its time tells of nothing but its length.
 */
final class Keccak {
    private static final int LANES = 25;
    private static final int ROUNDS = 24;

    /** By how much rho turns each lane, in the order in which pi visits them. */
    private static final int[] TURNS = {
        1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44
    };

    /** The lanes in the order in which pi visits them. */
    private static final int[] VISITS = {
        10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1
    };

    private static final long[] ROUND_CONSTANTS = roundConstants();

    private Keccak() {}

    /**
     * Absorbs a message and squeezes so many bytes.
     *
     * @param message the message
     * @param rate how many bytes a block has
     * @param suffix the domain's bits after the message, with the padding's first bit after them
     * @param length how many bytes come out
     */
    static byte[] sponge(byte[] message, int rate, int suffix, int length) {
        long[] state = new long[LANES];
        byte[] padded = Arrays.copyOf(message, (message.length / rate + 1) * rate);
        padded[message.length] ^= (byte) suffix;
        padded[padded.length - 1] ^= (byte) 0x80;
        for (int block = 0; block < padded.length; block += rate) {
            for (int i = 0; i < rate; i++) {
                state[i / 8] ^= (padded[block + i] & 0xFFL) << (8 * (i % 8));
            }
            permute(state);
        }
        Arrays.fill(padded, (byte) 0);
        byte[] out = new byte[length];
        for (int i = 0; i < length; i++) {
            if (i > 0 && i % rate == 0) {
                permute(state);
            }
            out[i] = (byte) (state[i % rate / 8] >>> (8 * (i % 8)));
        }
        Arrays.fill(state, 0);
        return out;
    }

    private static void permute(long[] a) {
        long[] column = new long[5];
        for (int round = 0; round < ROUNDS; round++) {
            for (int x = 0; x < 5; x++) {
                column[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
            }
            for (int x = 0; x < 5; x++) {
                long theta = column[(x + 4) % 5] ^ Long.rotateLeft(column[(x + 1) % 5], 1);
                for (int y = 0; y < LANES; y += 5) {
                    a[x + y] ^= theta;
                }
            }
            long moved = a[1];
            for (int i = 0; i < VISITS.length; i++) {
                long next = a[VISITS[i]];
                a[VISITS[i]] = Long.rotateLeft(moved, TURNS[i]);
                moved = next;
            }
            for (int y = 0; y < LANES; y += 5) {
                System.arraycopy(a, y, column, 0, 5);
                for (int x = 0; x < 5; x++) {
                    a[x + y] = column[x] ^ (~column[(x + 1) % 5] & column[(x + 2) % 5]);
                }
            }
            a[0] ^= ROUND_CONSTANTS[round];
        }
    }

    /** FIPS 202 §3.2.5: the bits come from a shift register. */
    private static long[] roundConstants() {
        long[] constants = new long[ROUNDS];
        int register = 1;
        for (int round = 0; round < ROUNDS; round++) {
            for (int j = 0; j <= 6; j++) {
                constants[round] |= (long) (register & 1) << ((1 << j) - 1);
                register = (register << 1) ^ ((register >> 7) * 0x171);
            }
        }
        return constants;
    }
}
