package dev.bulla.guest.export;

import dev.bulla.composefs.VerityDigest;
import java.io.IOException;

/** An object of a layer is not in the store. */
final class MissingObjectException extends IOException {
    private static final long serialVersionUID = 1L;

    MissingObjectException(VerityDigest object, Throwable cause) {
        super("object " + object + " is not in the store", cause);
    }

    MissingObjectException(VerityDigest object) {
        super("object " + object + " is not in the store");
    }
}
