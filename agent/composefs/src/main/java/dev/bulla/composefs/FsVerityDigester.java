package dev.bulla.composefs;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.DigestException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Computes the fs-verity digest of bytes that go by, in one pass and in memory that grows with the logarithm of their
 * number (one block a level of the tree).
 *
 * <p>Follows the kernel's fs-verity documentation: blocks of one size, no salt; the last block of every level is padded with
 * zeros; a level of one block ends the tree; a file without bytes has a root of zeros. Used once, by one thread.
 */
public final class FsVerityDigester {
    private static final int DESCRIPTOR_SIZE = 256;
    private static final int DESCRIPTOR_SIZE_OFFSET = 8;
    private static final int DESCRIPTOR_ROOT_OFFSET = 16;

    /** A block of digests being filled, and how many digests its level has had in all. */
    private static final class Level {
        final byte[] block;
        int used;
        long digests;

        Level(int blockSize) {
            block = new byte[blockSize];
        }
    }

    private final VerityAlgorithm algorithm;
    private final int blockSize;
    private final MessageDigest data;
    private final MessageDigest tree;
    private final List<Level> levels = new ArrayList<>();
    private final byte[] value;
    private long size;
    private int inBlock;
    private boolean finished;

    /** A digester that has seen no byte yet. */
    public FsVerityDigester(VerityAlgorithm algorithm) {
        this.algorithm = algorithm;
        this.blockSize = algorithm.blockSize();
        this.data = algorithm.hash().newMessageDigest();
        this.tree = algorithm.hash().newMessageDigest();
        this.value = new byte[algorithm.length()];
    }

    /** The fs-verity digest of these bytes. */
    public static VerityDigest of(VerityAlgorithm algorithm, byte[] bytes) {
        FsVerityDigester digester = new FsVerityDigester(algorithm);
        digester.update(bytes, 0, bytes.length);
        return digester.finish();
    }

    /** The next bytes of the file; any number of them. */
    public void update(byte[] bytes, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        requireUnfinished();
        int at = offset;
        int left = length;
        while (left > 0) {
            int part = Math.min(left, blockSize - inBlock);
            data.update(bytes, at, part);
            inBlock += part;
            at += part;
            left -= part;
            if (inBlock == blockSize) {
                endDataBlock();
            }
        }
        size += length;
    }

    /** How many bytes it has seen. */
    public long size() {
        return size;
    }

    /** The digest of all bytes seen. Nothing may follow. */
    public VerityDigest finish() {
        requireUnfinished();
        finished = true;
        if (inBlock > 0) {
            data.update(new byte[blockSize - inBlock]);
            endDataBlock();
        }
        ByteBuffer descriptor = ByteBuffer.allocate(DESCRIPTOR_SIZE).order(ByteOrder.LITTLE_ENDIAN);
        descriptor.put((byte) 1).put((byte) algorithm.number()).put((byte) algorithm.blockBits());
        descriptor.putLong(DESCRIPTOR_SIZE_OFFSET, size);
        descriptor.put(DESCRIPTOR_ROOT_OFFSET, root());
        return VerityDigest.fromBytes(algorithm, tree.digest(descriptor.array()));
    }

    private byte[] root() {
        if (levels.isEmpty()) {
            return new byte[algorithm.length()];
        }
        int depth = 0;
        while (true) {
            Level level = levels.get(depth);
            if (level.digests == 1) {
                byte[] root = new byte[algorithm.length()];
                System.arraycopy(level.block, 0, root, 0, root.length);
                return root;
            }
            if (level.used > 0) {
                Arrays.fill(level.block, level.used, blockSize, (byte) 0);
                hashLevel(depth);
            }
            depth++;
        }
    }

    private void endDataBlock() {
        inBlock = 0;
        digestInto(data);
        append(0);
    }

    /** Appends {@link #value} to a level, and what a full block yields to the next. */
    private void append(int depth) {
        if (depth == levels.size()) {
            levels.add(new Level(blockSize));
        }
        Level level = levels.get(depth);
        System.arraycopy(value, 0, level.block, level.used, value.length);
        level.used += value.length;
        level.digests++;
        if (level.used == blockSize) {
            hashLevel(depth);
        }
    }

    private void hashLevel(int depth) {
        Level level = levels.get(depth);
        level.used = 0;
        tree.update(level.block);
        digestInto(tree);
        append(depth + 1);
    }

    private void digestInto(MessageDigest digest) {
        try {
            digest.digest(value, 0, value.length);
        } catch (DigestException e) {
            throw new IllegalStateException(e); // the array has the digest's own length
        }
    }

    private void requireUnfinished() {
        if (finished) {
            throw new IllegalStateException("the digest has been taken already");
        }
    }
}
