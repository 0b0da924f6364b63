package dev.bulla.kbs.policy;

import dev.bulla.oci.json.JsonValue;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** What evidence is compared with, by name. */
public final class ReferenceValues implements ReferenceValueSource {
    private final Map<String, JsonValue> values = new ConcurrentHashMap<>();

    /** Takes a value in the place of one of the same name. */
    public void register(String name, JsonValue value) {
        values.put(name, value);
    }

    @Override
    public Optional<JsonValue> find(String name) {
        return Optional.ofNullable(values.get(name));
    }
}
