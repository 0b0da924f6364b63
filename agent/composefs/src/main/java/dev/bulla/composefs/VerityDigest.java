package dev.bulla.composefs;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.tree.ByteString;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An fs-verity file digest: the hash of the fs-verity descriptor, which holds the file's size and the root of its Merkle
 * tree. It names a content file in an object store and proves it when the kernel opens it.
 *
 * <p>Not the digest of the file's bytes; {@link FsVerityDigester} computes it. Never with a salt.
 *
 * <p><b>Security.</b> Lower-case hex of exact length, so a digest is safe as a path and two equal digests are equal texts.
 */
public final class VerityDigest {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private final VerityAlgorithm algorithm;
    /** The value; half of what its text would take, and an image has one for nearly every file. */
    private final byte[] value;

    /**
     * @param algorithm how it was computed
     * @param hex the value in lower-case hex
     */
    public VerityDigest(VerityAlgorithm algorithm, String hex) {
        this.algorithm = requireNonNull(algorithm, "algorithm is null");
        int digits = algorithm.length() * 2;
        if (hex.length() != digits || !hex.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) {
            throw new IllegalArgumentException("not " + digits + " lower-case hex digits: " + hex);
        }
        this.value = HexFormat.of().parseHex(hex);
    }

    private VerityDigest(VerityAlgorithm algorithm, byte[] value) {
        this.algorithm = requireNonNull(algorithm, "algorithm is null");
        if (value.length != algorithm.length()) {
            throw new IllegalArgumentException("digest of " + value.length + " bytes, expected " + algorithm.length());
        }
        this.value = value;
    }

    /** The digest whose value is {@code value}. */
    public static VerityDigest fromBytes(VerityAlgorithm algorithm, byte[] value) {
        return new VerityDigest(algorithm, value.clone());
    }

    /**
     * The digest that hex digits of either case spell, over blocks of 4 KiB and of the algorithm that their number tells;
     * empty where it is no such number or there is anything else.
     */
    static Optional<VerityDigest> ofHex(byte[] bytes, int from, int to) {
        int length = (to - from) / 2;
        VerityAlgorithm algorithm =
                length == VerityAlgorithm.SHA512_4K.length() ? VerityAlgorithm.SHA512_4K : VerityAlgorithm.SHA256_4K;
        if (to - from != algorithm.length() * 2) {
            return Optional.empty();
        }
        byte[] value = new byte[length];
        for (int i = 0; i < length; i++) {
            int high = bytes[from + i * 2] & 0xff;
            int low = bytes[from + i * 2 + 1] & 0xff;
            if (!HexFormat.isHexDigit(high) || !HexFormat.isHexDigit(low)) {
                return Optional.empty();
            }
            value[i] = (byte) (HexFormat.fromHexDigit(high) << 4 | HexFormat.fromHexDigit(low));
        }
        return Optional.of(new VerityDigest(algorithm, value));
    }

    /** How it was computed. */
    public VerityAlgorithm algorithm() {
        return algorithm;
    }

    /** The value in lower-case hex. */
    public String hex() {
        return HexFormat.of().formatHex(value);
    }

    /** The value's bytes. */
    public byte[] bytes() {
        return value.clone();
    }

    /** Where an object store keeps the file, below its folder: {@code xx/} and the remaining digits. */
    public String objectPath() {
        String hex = hex();
        return hex.substring(0, 2) + "/" + hex.substring(2);
    }

    /** The same as bytes, made without a detour over text: an image has one for nearly every file. */
    public ByteString objectPathBytes() {
        byte[] path = new byte[value.length * 2 + 1];
        for (int i = 0; i < value.length; i++) {
            int at = i * 2 + (i == 0 ? 0 : 1);
            path[at] = hexDigit(value[i] >> 4);
            path[at + 1] = hexDigit(value[i]);
        }
        path[2] = '/';
        return ByteString.wrap(path);
    }

    /** Whether that is the path. */
    public boolean isObjectPath(ByteString path) {
        if (path.length() != value.length * 2 + 1 || path.at(2) != '/') {
            return false;
        }
        for (int i = 0; i < value.length; i++) {
            int at = i * 2 + (i == 0 ? 0 : 1);
            if (path.at(at) != hexDigit(value[i] >> 4) || path.at(at + 1) != hexDigit(value[i])) {
                return false;
            }
        }
        return true;
    }

    /** The first eight bytes. */
    long leadingBytes() {
        return (long) LONG.get(value, 0);
    }

    private static byte hexDigit(int nibble) {
        int digit = nibble & 0xf;
        return (byte) (digit < 10 ? '0' + digit : 'a' + digit - 10);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof VerityDigest that && algorithm == that.algorithm && Arrays.equals(value, that.value);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(value);
    }

    /** The hex digits alone, as composefs writes a digest everywhere. */
    @Override
    public String toString() {
        return hex();
    }
}
