package dev.bulla.composefs.stream;

/**
 * What a reader takes of a stream before it refuses. Each bounds memory or time that the file could otherwise name itself.
 *
 * @param size the most bytes that the stream may say it has when put together
 * @param references the most objects, and the most other streams, that it may refer to
 * @param names the most bytes of all names of other streams, decompressed
 */
public record SplitStreamLimits(long size, int references, int names) {
    /** For a layer: 1 TiB of tar, two million objects, 16 MiB of names. */
    public static final SplitStreamLimits LAYER = new SplitStreamLimits(1L << 40, 1 << 21, 1 << 24);

    /** For a JSON document: 4 MiB, as much as registries take of a manifest; 8192 references, 1 MiB of names. */
    public static final SplitStreamLimits DOCUMENT = new SplitStreamLimits(1 << 22, 1 << 13, 1 << 20);

    public SplitStreamLimits {
        if (size < 0 || references < 0 || names < 0) {
            throw new IllegalArgumentException("limits of a splitstream: negative");
        }
    }
}
