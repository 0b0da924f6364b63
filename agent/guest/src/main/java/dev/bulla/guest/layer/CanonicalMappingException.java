package dev.bulla.guest.layer;

/** Layers of which composefs-rs's mapping makes no tree, although ours may. */
public final class CanonicalMappingException extends LayerException {
    private static final long serialVersionUID = 1L;

    CanonicalMappingException(String problem) {
        super("canonical mapping: " + problem);
    }
}
