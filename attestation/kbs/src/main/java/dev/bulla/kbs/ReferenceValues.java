package dev.bulla.kbs;

import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonNumber;
import dev.bulla.oci.json.JsonValue;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** What evidence is compared with, by name. */
final class ReferenceValues {
    private final Map<String, JsonValue> values = new ConcurrentHashMap<>();

    void register(String name, JsonValue value) {
        values.put(name, value);
    }

    /** Whether the values of that name are a list that has this one. */
    boolean listed(String name, JsonValue value) {
        return values.get(name) instanceof JsonArray list && list.items().contains(value);
    }

    /** The number of that name, if there is one. */
    Optional<BigDecimal> number(String name) {
        return values.get(name) instanceof JsonNumber number
                ? Optional.of(new BigDecimal(number.literal()))
                : Optional.empty();
    }
}
