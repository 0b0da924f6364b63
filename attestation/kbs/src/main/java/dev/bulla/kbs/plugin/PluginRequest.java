package dev.bulla.kbs.plugin;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.json.JsonValue;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a plugin is asked.
 *
 * @param method the HTTP method, {@code GET}, {@code POST}, {@code PUT} or {@code DELETE}
 * @param path the path's segments below the plugin's name
 * @param query the query's parameters
 * @param body the body, bounded by the server
 * @param initDataClaims what the guest's verified initdata says, where its token has that
 */
@SuppressWarnings("ArrayRecordComponent") // read once by a plugin; never compared
public record PluginRequest(
        String method, List<String> path, Map<String, String> query, byte[] body, Optional<JsonValue> initDataClaims) {
    public PluginRequest {
        requireNonNull(method, "method is null");
        path = List.copyOf(path);
        query = Map.copyOf(query);
        requireNonNull(body, "body is null");
        requireNonNull(initDataClaims, "initDataClaims is null");
    }

    /** Without query and body. */
    @Override
    public String toString() {
        return "PluginRequest[" + method + " " + path + "]";
    }
}
