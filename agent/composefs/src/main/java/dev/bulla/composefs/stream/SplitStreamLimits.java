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

    /** This many objects may be of any size. */
    private static final int SMALL_OBJECTS = 1024;

    /** Writers keep what is no longer inline. */
    private static final int SMALL = 64;

    public SplitStreamLimits {
        if (size < 0 || references < 0 || names < 0 || parts < 0) {
            throw new IllegalArgumentException("limits of a splitstream: negative");
        }
    }

    /**
     * Refuses a stream of very many tiny objects: a few bytes of it could name billions, each of which is to be opened.
     *
     * @param objects how many objects have been put together so far, with the next
     * @param bytes how many bytes they and the inline parts had
     */
    public static void requireProgress(long objects, long bytes) throws SplitStreamException {
        if (objects - SMALL_OBJECTS > bytes / SMALL) {
            throw new SplitStreamException("body: " + objects + " objects in " + bytes + " bytes, expected more than "
                    + SMALL + " bytes each");
        }
    }
}
