package dev.bulla.guest.layer;

/** The uncompressed layer is not a tar archive that every reader reads in the same way. */
public final class ArchiveFormatException extends LayerException {
    private static final long serialVersionUID = 1L;

    private final long offset;

    ArchiveFormatException(long offset, String problem) {
        super("layer archive at byte " + offset + ": " + problem);
        this.offset = offset;
    }

    /** Where in the uncompressed layer the header or the data begins that is refused. */
    public long offset() {
        return offset;
    }
}
