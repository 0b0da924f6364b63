package dev.bulla.kbs.admin;

import static java.util.Objects.requireNonNull;

/**
 * What a role may do.
 *
 * @param role the role
 * @param endpoints the paths it may reach
 */
public record EndpointRule(String role, EndpointPattern endpoints) {
    public EndpointRule {
        requireNonNull(role, "role is null");
        requireNonNull(endpoints, "endpoints is null");
    }
}
