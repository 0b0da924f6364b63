package dev.bulla.composefs.check;

/** How much of a store is checked. */
public enum FsckScope {
    /** Every byte: objects against their digests, streams against their names, besides all of {@link #METADATA_ONLY}. */
    EVERYTHING,
    /** What leads where, and whether streams and images can be read and their objects are there. */
    METADATA_ONLY
}
