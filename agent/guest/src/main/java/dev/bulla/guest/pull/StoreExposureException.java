package dev.bulla.guest.pull;

import dev.bulla.guest.store.StoreBacking;
import java.io.IOException;
import java.nio.file.Path;

/** Thrown when plaintext of encrypted layers would go to storage that the host may read. */
public final class StoreExposureException extends IOException {
    private static final long serialVersionUID = 1L;

    StoreExposureException(Path store, StoreBacking backing) {
        super("store " + store + ": its storage is " + backing.id() + ", and the image has encrypted layers; expected "
                + StoreBacking.GUEST_MEMORY.id() + " (a tmpfs without open swap) or " + StoreBacking.DM_CRYPT.id()
                + ", or --store-exposure=accepted");
    }
}
