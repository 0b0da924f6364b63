package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonException;

/** Thrown when a text is no policy; names the file and the place in it by a JSON path such as {@code $.default[0].type}. */
public final class PolicyFormatException extends PolicyException {
    private static final long serialVersionUID = 1L;

    private final String origin;
    private final String path;

    PolicyFormatException(String origin, JsonException cause) {
        super("policy " + Quoted.text(origin) + ": " + cause.getMessage(), cause);
        this.origin = requireNonNull(origin, "origin is null");
        this.path = cause.path();
    }

    /** Where the text came from, as the caller named it. */
    public String origin() {
        return origin;
    }

    /** Where in the text the problem stands. */
    public String path() {
        return path;
    }
}
