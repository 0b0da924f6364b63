package dev.bulla.policy;

import java.io.IOException;
import java.net.URI;

/**
 * Where the statements of an authority come from that a policy names by {@code https:}; the guest implements it.
 *
 * <p><b>Security.</b> What it gives is verified against the policy's roots, so the connection protects nothing but the
 * choice among statements that were once signed. An implementation follows no redirection to another scheme and sends no
 * credentials.
 */
@FunctionalInterface
public interface StatementSource {

    /** A source that reaches no authority. */
    StatementSource NONE = (authority, limit) -> {
        throw new IOException("no authority is reached by https here");
    };

    /**
     * The authority's statement.
     *
     * @param authority {@code https://…}
     * @param limit the most bytes that are taken
     * @throws IOException when it is not to be had, or is larger than {@code limit}
     */
    byte[] fetch(URI authority, int limit) throws IOException;
}
