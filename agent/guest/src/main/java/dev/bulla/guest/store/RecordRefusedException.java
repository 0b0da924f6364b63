package dev.bulla.guest.store;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Path;

/** Thrown when a file that claims to be an authenticated record is not one, or not that of this image. */
public final class RecordRefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient Path file;

    RecordRefusedException(Path file, String problem) {
        super("store record " + file + ": " + problem);
        this.file = requireNonNull(file, "file is null");
    }

    RecordRefusedException(Path file, String problem, Throwable cause) {
        super("store record " + file + ": " + problem, cause);
        this.file = requireNonNull(file, "file is null");
    }

    /** The file. */
    public Path file() {
        return file;
    }
}
