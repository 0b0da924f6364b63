package dev.bulla.composefs.store;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.VerityDigest;
import java.nio.file.Path;

/**
 * Thrown when a file stands under an object's name and does not hold that object.
 *
 * <p>It is left as it is: a mounted image may be using it, and whoever changed it should be found out.
 */
public final class BrokenObjectException extends StoreException {
    private static final long serialVersionUID = 1L;

    private final transient Path path;
    private final transient VerityDigest expected;

    public BrokenObjectException(Path path, VerityDigest expected, String got) {
        super("store: object " + path + ": got " + got + ", expected fs-verity digest " + expected);
        this.path = requireNonNull(path, "path is null");
        this.expected = requireNonNull(expected, "expected is null");
    }

    /** The file that is broken. */
    public Path path() {
        return path;
    }

    /** What its name says it holds. */
    public VerityDigest expected() {
        return expected;
    }
}
