package dev.bulla.policy;

import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The section {@code "seals"}: what seal an image must have, by scope. Scopes are those of {@code "transports"} and are
 * looked up alike: the most specific one applies, and nothing merges.
 *
 * @param defaults for scopes that are not named
 * @param transports by transport and scope
 */
record SealRules(SealRule defaults, Map<String, Map<String, SealRule>> transports) {
    /** No seal is required of anything. */
    static final SealRules NONE = new SealRules(SealRule.NONE, Map.of());

    private static final String[] CERTIFICATES = {
        "certificatePath", "certificatePaths", "certificateData", "certificateDatas"
    };

    /** What images are pulled from. The section is ours alone, so a name that no image can have is a mistake. */
    private static final Set<String> TRANSPORTS = Set.of("docker", "oci");

    SealRules {
        transports = Map.copyOf(transports);
    }

    /** The rule for an image. */
    SealRule select(ScopeLookup lookup) {
        Map<String, SealRule> scopes = transports.getOrDefault(lookup.transport(), Map.of());
        for (String scope : lookup.scopes()) {
            SealRule rule = scopes.get(scope);
            if (rule != null) {
                return rule;
            }
        }
        return defaults;
    }

    static SealRules parse(JsonCursor value) throws JsonException {
        JsonCursor.Members members = value.object();
        members.allowOnly("default", "transports");
        Optional<JsonCursor> defaults = members.optional("default");
        Optional<JsonCursor> written = members.optional("transports");
        if (defaults.isEmpty() && written.isEmpty()) {
            throw value.refuse("expected default or transports, got neither");
        }
        Map<String, Map<String, SealRule>> transports = new LinkedHashMap<>();
        if (written.isPresent()) {
            for (Map.Entry<String, JsonCursor> transport :
                    written.get().object().all().entrySet()) {
                if (!TRANSPORTS.contains(transport.getKey())) {
                    throw transport.getValue().refuse("no transport that is pulled from, expected docker or oci");
                }
                transports.put(transport.getKey(), scopes(transport.getKey(), transport.getValue()));
            }
        }
        return new SealRules(defaults.isPresent() ? rule(defaults.get()) : SealRule.NONE, transports);
    }

    private static Map<String, SealRule> scopes(String transport, JsonCursor value) throws JsonException {
        Map<String, SealRule> scopes = new LinkedHashMap<>();
        for (Map.Entry<String, JsonCursor> scope : value.object().all().entrySet()) {
            Optional<String> problem = TransportScope.problem(transport, scope.getKey());
            if (problem.isPresent()) {
                throw scope.getValue().refuse("no scope of the transport " + transport + ": " + problem.get());
            }
            scopes.put(scope.getKey(), rule(scope.getValue()));
        }
        return scopes;
    }

    private static SealRule rule(JsonCursor value) throws JsonException {
        JsonCursor.Members members = value.object();
        JsonCursor require = members.required("require");
        String strength = require.string();
        switch (strength) {
            case "none" -> {
                members.allowOnly("require");
                return SealRule.NONE;
            }
            case "digest" -> {
                members.allowOnly("require", "mapping");
                return new SealRule(Optional.of(SealRequirement.Require.DIGEST), mapping(members), List.of());
            }
            case "signature" -> {
                members.allowOnly(
                        "require", "mapping", CERTIFICATES[0], CERTIFICATES[1], CERTIFICATES[2], CERTIFICATES[3]);
                String source = KeyMaterialGrammar.exactlyOne(members, CERTIFICATES);
                return new SealRule(
                        Optional.of(SealRequirement.Require.SIGNATURE),
                        mapping(members),
                        KeyMaterialGrammar.nonEmptyList(members.required(source), source));
            }
            default -> throw require.refuse("got " + Quoted.text(strength) + ", expected none, digest or signature");
        }
    }

    private static Optional<SealRequirement.Mapping> mapping(JsonCursor.Members members) throws JsonException {
        Optional<JsonCursor> value = members.optional("mapping");
        if (value.isEmpty()) {
            return Optional.empty();
        }
        String text = value.get().string();
        for (SealRequirement.Mapping mapping : SealRequirement.Mapping.values()) {
            if (mapping.id().equals(text)) {
                return Optional.of(mapping);
            }
        }
        throw value.get().refuse("got " + Quoted.text(text) + ", expected canonical or faithful");
    }
}
