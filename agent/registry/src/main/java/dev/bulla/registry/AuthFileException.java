package dev.bulla.registry;

/** Thrown when an auth.json is malformed, or names for a registry a way to log in that we do not have. */
public final class AuthFileException extends RegistryException {
    private static final long serialVersionUID = 1L;

    AuthFileException(String message) {
        super(message, null);
    }
}
