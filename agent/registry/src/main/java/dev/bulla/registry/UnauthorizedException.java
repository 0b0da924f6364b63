package dev.bulla.registry;

/** Thrown when a registry refuses our credentials, or asks for some where there are none. */
public final class UnauthorizedException extends RegistryException {
    private static final long serialVersionUID = 1L;

    UnauthorizedException(String message) {
        super(message, null);
    }
}
