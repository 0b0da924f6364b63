package dev.bulla.guest.layer;

/** What is kept of a layer's tar beside its files. */
public enum KeepTar {
    /** A stream from which the tar can be put together again, byte for byte. */
    FULL("full"),
    /** What of it the sealed image's tree does not say, which gives it back as well; no later pull reads that. */
    DELTA("delta"),
    /** Nothing: what was made of the layer stays, the layer itself does not. */
    NONE("none");

    private final String id;

    KeepTar(String id) {
        this.id = id;
    }

    /** The word on the command line and in results. */
    public String id() {
        return id;
    }
}
