package dev.bulla.registry;

/** Thrown when an answer is not one that the distribution specification knows. */
public final class RegistryProtocolException extends RegistryException {
    private static final long serialVersionUID = 1L;

    RegistryProtocolException(String message) {
        super(message, null);
    }
}
