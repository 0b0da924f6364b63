package dev.bulla.composefs;

import dev.bulla.composefs.tree.Timestamp;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;

/**
 * What stands at the start of an image: composefs's header and EROFS's super block.
 *
 * @param version the composefs version
 * @param rootNumber the number of the root's inode
 * @param oldest the time of every inode in the short form
 * @param xattrStart where references to shared attributes count from
 */
record ImageHeader(FormatVersion version, long rootNumber, Timestamp oldest, long xattrStart) {
    private static final int SIZE = ErofsFormat.SUPER_OFFSET + ErofsFormat.SUPER_SIZE;
    private static final int KNOWN_COMPAT = ErofsFormat.FEATURE_COMPAT_MTIME | ErofsFormat.FEATURE_COMPAT_XATTR_FILTER;
    private static final long LOW_32 = 0xffff_ffffL;

    /** Offsets in the super block. */
    private static final int CHECKSUM = ErofsFormat.SUPER_OFFSET + 4;

    private static final int FEATURE_COMPAT = ErofsFormat.SUPER_OFFSET + 8;
    private static final int BLOCK_BITS = ErofsFormat.SUPER_OFFSET + 12;
    private static final int EXTENSION_SLOTS = ErofsFormat.SUPER_OFFSET + 13;
    private static final int ROOT_NUMBER = ErofsFormat.SUPER_OFFSET + 14;
    private static final int BUILD_TIME = ErofsFormat.SUPER_OFFSET + 24;
    private static final int BUILD_TIME_NANOS = ErofsFormat.SUPER_OFFSET + 32;
    private static final int BLOCKS = ErofsFormat.SUPER_OFFSET + 36;
    private static final int META_BLOCK = ErofsFormat.SUPER_OFFSET + 40;
    private static final int XATTR_BLOCK = ErofsFormat.SUPER_OFFSET + 44;
    private static final int FEATURE_INCOMPAT = ErofsFormat.SUPER_OFFSET + 80;
    private static final int AFTER_FEATURES = ErofsFormat.SUPER_OFFSET + 84;

    static ImageHeader read(ImageBytes image) throws IOException {
        if (image.size() < ErofsFormat.BLOCK_SIZE) {
            throw new ImageFormatException(
                    "image of " + image.size() + " bytes, expected at least a block of " + ErofsFormat.BLOCK_SIZE);
        }
        ByteBuffer bytes = image.read(0, SIZE, "header");
        require("composefs magic", bytes.getInt(0), ErofsFormat.COMPOSEFS_MAGIC);
        require("composefs header version", bytes.getInt(4), ErofsFormat.COMPOSEFS_HEADER_VERSION);
        refuseBits("composefs flags", bytes.getInt(8), ErofsFormat.FLAG_HAS_ACL);
        FormatVersion version = version(bytes.getInt(12));
        require("EROFS magic", bytes.getInt(ErofsFormat.SUPER_OFFSET), ErofsFormat.SUPER_MAGIC);
        require("EROFS checksum", bytes.getInt(CHECKSUM), 0);
        refuseBits("EROFS compatible features", bytes.getInt(FEATURE_COMPAT), KNOWN_COMPAT);
        refuseBits("EROFS incompatible features", bytes.getInt(FEATURE_INCOMPAT), 0);
        require("EROFS block bits", bytes.get(BLOCK_BITS), ErofsFormat.BLOCK_BITS);
        require("EROFS extension slots", bytes.get(EXTENSION_SLOTS), 0);
        require("EROFS metadata block", bytes.getInt(META_BLOCK), 0);
        for (int at = AFTER_FEATURES; at < SIZE; at += 4) {
            require("EROFS field at " + at + ", which composefs does not use", bytes.getInt(at), 0);
        }
        if (version.isDepthFirst()) {
            require("composefs flags of V2", bytes.getInt(8), 0);
            require("EROFS build time of V2", bytes.getInt(BUILD_TIME) | bytes.getInt(BUILD_TIME + 4), 0);
            require("EROFS build time's nanoseconds of V2", bytes.getInt(BUILD_TIME_NANOS), 0);
            require("EROFS xattr block of V2", bytes.getInt(XATTR_BLOCK), 0);
        }
        long blocks = bytes.getInt(BLOCKS) & LOW_32;
        if (blocks * ErofsFormat.BLOCK_SIZE != image.size()) {
            throw new ImageFormatException(
                    "EROFS of " + blocks + " blocks in an image of " + image.size() + " bytes, expected whole blocks");
        }
        return new ImageHeader(
                version,
                bytes.getShort(ROOT_NUMBER) & 0xffff,
                new Timestamp(bytes.getLong(BUILD_TIME), bytes.getInt(BUILD_TIME_NANOS) & LOW_32),
                (bytes.getInt(XATTR_BLOCK) & LOW_32) * ErofsFormat.BLOCK_SIZE);
    }

    private static FormatVersion version(int number) throws ImageFormatException {
        return FormatVersion.ofNumber(number)
                .orElseThrow(() -> new ImageFormatException(
                        "composefs format version " + Integer.toUnsignedString(number) + ", expected 0, 1 or 2"));
    }

    private static void require(String what, int got, int expected) throws ImageFormatException {
        if (got != expected) {
            throw new ImageFormatException(
                    String.format(Locale.ROOT, "%s is 0x%x, expected 0x%x", what, got, expected));
        }
    }

    private static void refuseBits(String what, int got, int known) throws ImageFormatException {
        if ((got & ~known) != 0) {
            throw new ImageFormatException(
                    String.format(Locale.ROOT, "%s 0x%x: unknown bits 0x%x", what, got, got & ~known));
        }
    }
}
