package dev.bulla.guest.seal;

import dev.bulla.policy.PolicyException;

/** Thrown when policy requires a seal and the image has none that counts. */
public final class SealMissingException extends PolicyException {
    private static final long serialVersionUID = 1L;

    SealMissingException(String message) {
        super("policy requires a seal: " + message);
    }
}
