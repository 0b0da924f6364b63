package dev.bulla.registry;

/** Thrown when a registry or a layout has no such manifest, tag, blob or repository. */
public final class NotFoundException extends RegistryException {
    private static final long serialVersionUID = 1L;

    NotFoundException(String message) {
        super(message, null);
    }
}
