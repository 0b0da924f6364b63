package dev.bulla.oci;

import static java.util.Objects.requireNonNullElse;

/** The root of what this room throws: something from outside is not what the OCI specifications say it must be. */
public class OciException extends Exception {
    private static final long serialVersionUID = 1L;

    public OciException(String message) {
        super(message);
    }

    public OciException(String message, Throwable cause) {
        super(message, cause);
    }

    /** What is wrong, in one line; never null. */
    @Override
    public String getMessage() {
        return requireNonNullElse(super.getMessage(), "");
    }
}
