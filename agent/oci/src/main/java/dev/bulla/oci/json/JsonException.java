package dev.bulla.oci.json;

import dev.bulla.oci.OciException;

/** Thrown when a text is not the JSON that was expected; names the place by a JSON path such as {@code $.layers[2].size}. */
public final class JsonException extends OciException {
    private static final long serialVersionUID = 1L;

    private final String path;

    public JsonException(String path, String problem) {
        super(path + ": " + problem);
        this.path = path;
    }

    /** Where the problem stands. */
    public String path() {
        return path;
    }
}
