package dev.bulla.guest.pull;

import dev.bulla.guest.store.DigestVouching;

/** Where a pull has a layer from. */
public enum LayerSource {
    /** From the registry. */
    FETCHED("fetched"),
    /** From the store: its stream was read again and hashed to the diff_id. */
    HASHED_AGAIN("stored (hashed again)"),
    /** Within an image that this process has computed. */
    COMPUTED("stored (computed since boot)"),
    /** Within an image that an authenticated record names. */
    AUTHENTICATED("stored (authenticated)"),
    /** Within an image that a verified seal names. */
    SEALED("stored (sealed)");

    private final String words;

    LayerSource(String words) {
        this.words = words;
    }

    /** How results say it. */
    public String words() {
        return words;
    }

    static LayerSource of(DigestVouching.Basis basis) {
        return switch (basis) {
            case COMPUTED -> COMPUTED;
            case RECORD -> AUTHENTICATED;
            case SEAL -> SEALED;
        };
    }
}
