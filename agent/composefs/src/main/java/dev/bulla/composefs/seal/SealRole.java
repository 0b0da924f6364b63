package dev.bulla.composefs.seal;

/** What an entry of a seal is about. */
public enum SealRole {
    /** The manifest's bytes. */
    MANIFEST("manifest", false),
    /** The configuration's bytes. */
    CONFIG("config", false),
    /** The image of one layer's own tree. */
    LAYER("layer", true),
    /** The image of the root tree. */
    MERGED("merged", true),
    /** The image of the root tree as it is booted. */
    MERGED_BOOTABLE("merged.bootable", true);

    private final String id;
    private final boolean image;

    SealRole(String id, boolean image) {
        this.id = id;
        this.image = image;
    }

    /** Its name in keys. */
    public String id() {
        return id;
    }

    /** Whether it is a composefs image, which has a format, and no JSON document. */
    public boolean isImage() {
        return image;
    }
}
