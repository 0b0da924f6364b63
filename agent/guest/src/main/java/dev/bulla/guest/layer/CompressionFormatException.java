package dev.bulla.guest.layer;

/** The layer's bytes are not what its media type says they are: no gzip members, or no zstd frames, to the last byte. */
public final class CompressionFormatException extends LayerException {
    private static final long serialVersionUID = 1L;

    private final long offset;

    CompressionFormatException(String format, long offset, String problem) {
        super(message(format, offset, problem));
        this.offset = offset;
    }

    CompressionFormatException(String format, long offset, String problem, Throwable cause) {
        super(message(format, offset, problem), cause);
        this.offset = offset;
    }

    private static String message(String format, long offset, String problem) {
        return "layer's " + format + " stream near byte " + offset + ": " + problem;
    }

    /** How far into the compressed layer reading had come; the fault lies there or up to a buffer before. */
    public long offset() {
        return offset;
    }
}
