package dev.bulla.kbs;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A request below the prefix, its body read and bounded.
 *
 * @param method the HTTP method
 * @param path the path's segments below {@code /kbs/v0/}, at least one
 * @param query the query's parameters
 * @param cookie the session cookie, if there is exactly one
 * @param bearer the bearer token, if there is one
 * @param peer where it came from
 * @param body the body
 */
@SuppressWarnings("ArrayRecordComponent") // read once by an endpoint; never compared
record KbsRequest(
        String method,
        List<String> path,
        Map<String, String> query,
        Optional<String> cookie,
        Optional<String> bearer,
        InetAddress peer,
        byte[] body) {

    static final String PREFIX = "/kbs/v0/";

    /** The first segment. */
    String first() {
        return path.getFirst();
    }

    /** The segments below the first. */
    List<String> restSegments() {
        return path.subList(1, path.size());
    }

    /** The path below the first segment. */
    String rest() {
        return String.join("/", restSegments());
    }

    /** The path from its root on. */
    String fullPath() {
        return PREFIX + String.join("/", path);
    }

    /** Without cookie, token, query and body. */
    @Override
    public String toString() {
        return "KbsRequest[" + method + " " + path + "]";
    }
}
