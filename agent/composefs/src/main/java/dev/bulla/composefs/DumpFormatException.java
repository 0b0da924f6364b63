package dev.bulla.composefs;

/** A dump is not what composefs-dump(5) says it must be. */
public final class DumpFormatException extends ComposefsException {
    private static final long serialVersionUID = 1L;

    private final long line;

    DumpFormatException(long line, String message) {
        super(line == 0 ? "dump: " + message : "dump line " + line + ": " + message);
        this.line = line;
    }

    /** The line's number from 1, or 0 where the whole dump is meant. */
    public long line() {
        return line;
    }
}
