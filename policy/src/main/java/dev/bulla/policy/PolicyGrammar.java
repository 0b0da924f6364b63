package dev.bulla.policy;

import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The top of the grammar: default, transports, scopes, and our section. */
final class PolicyGrammar {
    private PolicyGrammar() {}

    static Policy parse(byte[] json, String origin) throws JsonException {
        JsonCursor.Members top = JsonCursor.parse(json).object();
        top.allowOnly("default", "transports", "bulla");
        List<PolicyRequirement> defaults = requirements(top.required("default"));
        Map<String, Map<String, List<PolicyRequirement>>> transports = new LinkedHashMap<>();
        Optional<JsonCursor> written = top.optional("transports");
        if (written.isPresent()) {
            for (Map.Entry<String, JsonCursor> transport :
                    written.get().object().all().entrySet()) {
                transports.put(transport.getKey(), scopes(transport.getKey(), transport.getValue()));
            }
        }
        Optional<JsonCursor> section = top.optional("bulla");
        return new Policy(
                origin,
                defaults,
                transports,
                section.isPresent() ? PolicyExtension.parse(section.get()) : PolicyExtension.NONE);
    }

    private static Map<String, List<PolicyRequirement>> scopes(String transport, JsonCursor value)
            throws JsonException {
        Map<String, List<PolicyRequirement>> scopes = new LinkedHashMap<>();
        for (Map.Entry<String, JsonCursor> scope : value.object().all().entrySet()) {
            Optional<String> problem = TransportScope.problem(transport, scope.getKey());
            if (problem.isPresent()) {
                throw scope.getValue().refuse("no scope of the transport " + transport + ": " + problem.get());
            }
            scopes.put(scope.getKey(), requirements(scope.getValue()));
        }
        return scopes;
    }

    private static List<PolicyRequirement> requirements(JsonCursor value) throws JsonException {
        List<PolicyRequirement> requirements = new ArrayList<>();
        for (JsonCursor item : value.array()) {
            requirements.add(RequirementGrammar.parse(item));
        }
        if (requirements.isEmpty()) {
            throw value.refuse(
                    "the list of requirements is empty, expected at least one; {\"type\": \"reject\"} refuses");
        }
        return requirements;
    }
}
