package dev.bulla.kbs.policy;

import dev.bulla.oci.json.JsonValue;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** What evidence is compared with, by name; each until it expires, if it does. */
public final class ReferenceValues implements ReferenceValueSource {
    private record Kept(JsonValue value, Instant expiresAt) {}

    private final Map<String, Kept> values = new ConcurrentHashMap<>();
    private final InstantSource time;

    /** Values that expire by the system's clock. */
    public ReferenceValues() {
        this(InstantSource.system());
    }

    /** Values that expire by this clock. */
    public ReferenceValues(InstantSource time) {
        this.time = time;
    }

    /** Takes a value that does not expire in the place of one of the same name. */
    public void register(String name, JsonValue value) {
        register(name, value, Instant.MAX);
    }

    /** Takes a value in the place of one of the same name; from {@code expiresAt} on it is not there. */
    public void register(String name, JsonValue value, Instant expiresAt) {
        values.put(name, new Kept(value, expiresAt));
    }

    /** How many there are, expired ones included. */
    public int size() {
        return values.size();
    }

    @Override
    public Optional<JsonValue> find(String name) {
        return Optional.ofNullable(values.get(name))
                .filter(kept -> time.instant().isBefore(kept.expiresAt()))
                .map(Kept::value);
    }
}
