package dev.bulla.policy;

import java.util.Locale;

/** By which of its digests an unsigned image is one that policy expects. */
public enum ExpectedBy {
    /** The manifest's: nothing is left to change. */
    MANIFEST,
    /** The configuration's: nothing is left of what runs; how the layers are compressed and encrypted is. */
    CONFIG,
    /** That of the sealed image: its files are fixed; the configuration, and so what is run of them, is not. */
    COMPOSEFS;

    /** Its name in a decision's JSON. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    boolean authenticatesConfig() {
        return this != COMPOSEFS;
    }
}
