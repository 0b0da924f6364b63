package dev.bulla.kbs.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.protocol.EarToken;
import java.util.List;
import java.util.Map;

/**
 * Who asks for what.
 *
 * @param token the claims of the guest's verified attestation token
 * @param plugin the first segment of the request's path, {@code resource} for resources
 * @param path the segments after it
 * @param query the request's query
 */
public record ResourceRequest(EarToken token, String plugin, List<String> path, Map<String, String> query) {
    public ResourceRequest {
        requireNonNull(token, "token is null");
        requireNonNull(plugin, "plugin is null");
        path = List.copyOf(path);
        query = Map.copyOf(query);
    }
}
