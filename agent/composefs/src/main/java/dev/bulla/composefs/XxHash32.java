package dev.bulla.composefs;

/** The 32-bit xxHash, with which EROFS filters attribute names. Not for anything that an adversary must not foresee. */
final class XxHash32 {
    private static final int PRIME_1 = 0x9e3779b1;
    private static final int PRIME_2 = 0x85ebca77;
    private static final int PRIME_3 = 0xc2b2ae3d;
    private static final int PRIME_4 = 0x27d4eb2f;
    private static final int PRIME_5 = 0x165667b1;
    private static final int STRIPE = 16;

    private XxHash32() {}

    /** The hash of {@code bytes[from..]}. */
    static int hash(byte[] bytes, int from, int seed) {
        int length = bytes.length - from;
        int at = from;
        int hash;
        if (length >= STRIPE) {
            int a = seed + PRIME_1 + PRIME_2;
            int b = seed + PRIME_2;
            int c = seed;
            int d = seed - PRIME_1;
            for (; at + STRIPE <= bytes.length; at += STRIPE) {
                a = round(a, word(bytes, at));
                b = round(b, word(bytes, at + 4));
                c = round(c, word(bytes, at + 8));
                d = round(d, word(bytes, at + 12));
            }
            hash = Integer.rotateLeft(a, 1)
                    + Integer.rotateLeft(b, 7)
                    + Integer.rotateLeft(c, 12)
                    + Integer.rotateLeft(d, 18);
        } else {
            hash = seed + PRIME_5;
        }
        hash += length;
        for (; at + 4 <= bytes.length; at += 4) {
            hash = Integer.rotateLeft(hash + word(bytes, at) * PRIME_3, 17) * PRIME_4;
        }
        for (; at < bytes.length; at++) {
            hash = Integer.rotateLeft(hash + (bytes[at] & 0xff) * PRIME_5, 11) * PRIME_1;
        }
        hash = (hash ^ (hash >>> 15)) * PRIME_2;
        hash = (hash ^ (hash >>> 13)) * PRIME_3;
        return hash ^ (hash >>> 16);
    }

    private static int round(int state, int word) {
        return Integer.rotateLeft(state + word * PRIME_2, 13) * PRIME_1;
    }

    private static int word(byte[] bytes, int at) {
        return (bytes[at] & 0xff)
                | (bytes[at + 1] & 0xff) << 8
                | (bytes[at + 2] & 0xff) << 16
                | (bytes[at + 3] & 0xff) << 24;
    }
}
