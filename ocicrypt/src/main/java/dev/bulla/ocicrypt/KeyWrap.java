package dev.bulla.ocicrypt;

/** Wraps the private options of a layer for whoever may open it; the other direction of {@link KeyWrapOpener}. */
public interface KeyWrap {

    /** The annotation's name behind {@code org.opencontainers.image.enc.keys.}. */
    String scheme();

    /**
     * The wrap.
     *
     * @param privateOptions the private options' JSON; the caller wipes it
     */
    byte[] wrap(byte[] privateOptions);
}
