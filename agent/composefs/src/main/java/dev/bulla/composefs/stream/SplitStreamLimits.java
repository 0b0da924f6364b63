package dev.bulla.composefs.stream;

/**
 * What a reader takes of a stream before it refuses. Each bounds memory or time that the file could otherwise name itself.
 *
 * @param size the most bytes that the stream may say it has when put together
 * @param references the most objects, and the most other streams, that it may refer to
 * @param names the most bytes of all names of other streams, decompressed
 * @param parts the most runs of bytes and objects that it may be put together from
 */
public record SplitStreamLimits(long size, int references, int names, int parts) {
    /** For a layer: 1 TiB of tar, two million objects, 1 MiB of names, eight million parts. */
    public static final SplitStreamLimits LAYER = new SplitStreamLimits(1L << 40, 1 << 21, 1 << 20, 1 << 23);

    /** For a JSON document: 4 MiB, as much as registries take of a manifest; 8192 references and as many parts, 1 MiB of names. */
    public static final SplitStreamLimits DOCUMENT = new SplitStreamLimits(1 << 22, 1 << 13, 1 << 20, 1 << 13);

    public SplitStreamLimits {
        if (size < 0 || references < 0 || names < 0 || parts < 0) {
            throw new IllegalArgumentException("limits of a splitstream: negative");
        }
    }
}
