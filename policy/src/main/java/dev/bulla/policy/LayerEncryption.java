package dev.bulla.policy;

/** How many of an image's layers are encrypted, by the media types of the manifest in hand. */
public enum LayerEncryption {
    /** Every layer, and at least one: an encrypted image. */
    ALL("all"),
    /** Some layers: the weakest layer decides, so the image counts as unencrypted. */
    SOME("some"),
    /** None, which an image without layers has too. */
    NONE("none");

    private final String id;

    LayerEncryption(String id) {
        this.id = id;
    }

    /** The kind of an image of which {@code encrypted} of {@code layers} layers are encrypted. */
    public static LayerEncryption of(int encrypted, int layers) {
        if (encrypted < 0 || encrypted > layers) {
            throw new IllegalArgumentException(encrypted + " encrypted of " + layers + " layers");
        }
        if (encrypted == 0) {
            return NONE;
        }
        return encrypted == layers ? ALL : SOME;
    }

    /** The word in a decision's JSON. */
    public String id() {
        return id;
    }
}
