package dev.bulla.composefs.store;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;

/** Thrown when something in the store is not of the kind that its place says: a link for a folder, a foreign owner. */
public final class StoreLayoutException extends StoreException {
    private static final long serialVersionUID = 1L;

    private final transient Path path;

    public StoreLayoutException(Path path, String problem) {
        super("store: " + path + ": " + problem);
        this.path = requireNonNull(path, "path is null");
    }

    /** What is wrong in the store. */
    public Path path() {
        return path;
    }
}
