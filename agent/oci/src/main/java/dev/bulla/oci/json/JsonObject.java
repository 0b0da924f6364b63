package dev.bulla.oci.json;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A JSON object; members keep the order in which they were written.
 *
 * @param members the members by name
 */
public record JsonObject(Map<String, JsonValue> members) implements JsonValue {
    public JsonObject {
        members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
    }

    /** The member of that name, if there is one. */
    public Optional<JsonValue> get(String name) {
        return Optional.ofNullable(members.get(name));
    }

    /** A builder of an object, for texts that we write. */
    public static Builder builder() {
        return new Builder();
    }

    /** Collects members in order; a name that is put twice is a defect of the caller. */
    public static final class Builder {
        private final Map<String, JsonValue> members = new LinkedHashMap<>();

        private Builder() {}

        @CanIgnoreReturnValue
        public Builder put(String name, JsonValue value) {
            if (members.putIfAbsent(name, value) != null) {
                throw new IllegalStateException("member " + name + " is put twice");
            }
            return this;
        }

        @CanIgnoreReturnValue
        public Builder put(String name, String value) {
            return put(name, new JsonString(value));
        }

        @CanIgnoreReturnValue
        public Builder put(String name, long value) {
            return put(name, JsonNumber.of(value));
        }

        @CanIgnoreReturnValue
        public Builder put(String name, boolean value) {
            return put(name, new JsonBoolean(value));
        }

        public JsonObject build() {
            return new JsonObject(members);
        }
    }
}
