package dev.bulla.kbs;

import java.util.List;
import java.util.Optional;

/**
 * A request below the prefix, its body read and bounded.
 *
 * @param method the HTTP method
 * @param path the path's segments below {@code /kbs/v0/}, at least one
 * @param cookie the session cookie, if there is exactly one
 * @param bearer the bearer token, if there is one
 * @param body the body
 */
@SuppressWarnings("ArrayRecordComponent") // read once by an endpoint; never compared
record KbsRequest(String method, List<String> path, Optional<String> cookie, Optional<String> bearer, byte[] body) {

    /** The path below the first segment. */
    String rest() {
        return String.join("/", path.subList(1, path.size()));
    }

    /** Without cookie, token and body. */
    @Override
    public String toString() {
        return "KbsRequest[" + method + " " + path + "]";
    }
}
