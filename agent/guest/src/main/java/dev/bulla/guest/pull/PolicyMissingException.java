package dev.bulla.guest.pull;

import dev.bulla.oci.ResourceException;

/** Thrown when there is no policy to decide by: none was named, or the one that was named cannot be had. */
public final class PolicyMissingException extends Exception {
    private static final long serialVersionUID = 1L;

    public PolicyMissingException() {
        super("no policy: name one by --policy FILE or --policy kbs:///repository/type/tag; without a policy nothing is"
                + " pulled");
    }

    public PolicyMissingException(ResourceException cause) {
        super("no policy: " + cause.getMessage(), cause);
    }
}
