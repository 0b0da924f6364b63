package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Optional;

/**
 * By which scope of a policy an image is judged, for who explains a policy; an evaluation finds it anew.
 *
 * @param transport the policy's transport of the image's name, {@code docker}
 * @param order the scopes of the transport in the order of their lookup, its own {@code ""} last
 * @param scope the one of them that decides; empty: {@code default} does
 * @param asksForSignature whether an image that meets its requirements counts as signed
 * @param seal what seal is required, if one is
 * @param mapping by which mapping the sealed tree must have been made, if that matters
 */
public record ScopeChoice(
        String transport,
        List<String> order,
        Optional<String> scope,
        boolean asksForSignature,
        Optional<SealRequirement.Require> seal,
        Optional<SealRequirement.Mapping> mapping) {
    public ScopeChoice {
        requireNonNull(transport, "transport is null");
        order = List.copyOf(order);
        requireNonNull(scope, "scope is null");
        requireNonNull(seal, "seal is null");
        requireNonNull(mapping, "mapping is null");
    }
}
