package dev.bulla.registry;

/** Thrown when a folder of {@code registries.d} cannot be read or contradicts itself. */
public final class LookasideConfigurationException extends RegistryException {
    private static final long serialVersionUID = 1L;

    LookasideConfigurationException(String message) {
        super(message, null);
    }
}
