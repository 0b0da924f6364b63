package dev.bulla.ocicrypt;

import java.io.IOException;

/** Thrown in place of the end of a layer's plaintext when the HMAC over its ciphertext is not the announced one. */
public final class LayerAuthenticationException extends IOException {
    private static final long serialVersionUID = 1L;

    LayerAuthenticationException(long bytes) {
        super("encrypted layer: the HMAC over its " + bytes + " bytes is not the one its annotations announce");
    }
}
