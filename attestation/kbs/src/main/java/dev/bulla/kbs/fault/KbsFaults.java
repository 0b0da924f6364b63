package dev.bulla.kbs.fault;

import java.util.Optional;

/** Says which request a KBS is to answer wrongly, and how. It is asked from several threads. */
@FunctionalInterface
public interface KbsFaults {
    /** None. */
    KbsFaults NONE = (method, path) -> Optional.empty();

    /**
     * The fault of the request that has come, if it is to have one; asked once a request.
     *
     * @param method the HTTP method
     * @param path the path below {@code /kbs/v0/}
     */
    Optional<KbsFault> next(String method, String path);
}
