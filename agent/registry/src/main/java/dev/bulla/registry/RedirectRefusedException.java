package dev.bulla.registry;

/** Thrown when a redirect leads where we do not go: to plain HTTP, to a nearer network, round and round. */
public final class RedirectRefusedException extends RegistryException {
    private static final long serialVersionUID = 1L;

    RedirectRefusedException(String message) {
        super(message, null);
    }
}
