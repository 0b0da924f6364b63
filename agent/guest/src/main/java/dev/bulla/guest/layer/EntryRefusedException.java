package dev.bulla.guest.layer;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.oci.Quoted;

/** An entry that reads well but must not stand in an image: it escapes, links to nothing, or smuggles a whiteout. */
public final class EntryRefusedException extends LayerException {
    private static final long serialVersionUID = 1L;

    private final transient ByteString entry;

    EntryRefusedException(ByteString entry, String problem) {
        super("layer entry " + Quoted.text(entry.toString()) + ": " + problem);
        this.entry = entry;
    }

    /** The entry's name. */
    public ByteString entry() {
        return entry;
    }
}
