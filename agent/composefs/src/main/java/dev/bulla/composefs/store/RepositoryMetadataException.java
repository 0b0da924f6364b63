package dev.bulla.composefs.store;

/** Thrown when {@code meta.json} cannot be used: malformed, or of a repository that this program does not know. */
public final class RepositoryMetadataException extends StoreException {
    private static final long serialVersionUID = 1L;

    RepositoryMetadataException(String where, String problem) {
        super("store: " + where + ": " + problem);
    }

    RepositoryMetadataException(String where, String problem, Throwable cause) {
        super("store: " + where + ": " + problem, cause);
    }
}
