package dev.bulla.attestation.protocol;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** KMAC256 of NIST SP 800-185 §4, which the JDK has not. */
final class Kmac256 {
    private static final int RATE = 136;

    /** The two zero bits of cSHAKE, and the padding's first bit. */
    private static final int CSHAKE_SUFFIX = 0x04;

    private Kmac256() {}

    /**
     * The code of a message.
     *
     * @param key the key
     * @param message the message
     * @param length how many bytes come out; the code of another length is another one from its first byte
     * @param customization what the code is for; empty for nothing in particular
     */
    static byte[] mac(byte[] key, byte[] message, int length, byte[] customization) {
        byte[] name = "KMAC".getBytes(StandardCharsets.US_ASCII);
        byte[] paddedKey = blocks(string(key));
        byte[] input = concat(
                blocks(concat(string(name), string(customization))), paddedKey, message, rightEncoded(length * 8L));
        try {
            return Keccak.sponge(input, RATE, CSHAKE_SUFFIX, length);
        } finally {
            Arrays.fill(paddedKey, (byte) 0);
            Arrays.fill(input, (byte) 0);
        }
    }

    private static byte[] string(byte[] bytes) {
        return concat(leftEncoded(bytes.length * 8L), bytes);
    }

    /** {@code bytepad(bytes, RATE)}. */
    private static byte[] blocks(byte[] bytes) {
        byte[] prefixed = concat(leftEncoded(RATE), bytes);
        return Arrays.copyOf(prefixed, (prefixed.length + RATE - 1) / RATE * RATE);
    }

    private static byte[] leftEncoded(long value) {
        byte[] bytes = unsigned(value);
        return concat(new byte[] {(byte) bytes.length}, bytes);
    }

    private static byte[] rightEncoded(long value) {
        byte[] bytes = unsigned(value);
        return concat(bytes, new byte[] {(byte) bytes.length});
    }

    /** Big-endian, without leading zeros, of at least one byte. */
    private static byte[] unsigned(long value) {
        byte[] signed = BigInteger.valueOf(value).toByteArray();
        return signed.length > 1 && signed[0] == 0 ? Arrays.copyOfRange(signed, 1, signed.length) : signed;
    }

    private static byte[] concat(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        byte[] all = new byte[length];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }
}
