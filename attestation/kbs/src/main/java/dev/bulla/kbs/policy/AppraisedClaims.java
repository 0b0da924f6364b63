package dev.bulla.kbs.policy;

import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonNumber;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A TEE's claims beside the reference values they are compared with. What is absent on either side compares with nothing.
 *
 * @param claims the claims
 * @param values the reference values
 */
record AppraisedClaims(JsonValue claims, ReferenceValueSource values) {

    /** The claim at that path of members. */
    Optional<JsonValue> claim(String... path) {
        return find(claims, path);
    }

    static Optional<JsonValue> find(JsonValue from, String... path) {
        Optional<JsonValue> at = Optional.of(from);
        for (String name : path) {
            at = at.flatMap(value -> value instanceof JsonObject object ? object.get(name) : Optional.empty());
        }
        return at;
    }

    /** Whether the claim is just that. */
    boolean is(JsonValue expected, String... path) {
        return claim(path).filter(value -> equal(value, expected)).isPresent();
    }

    /** Whether the claim is the reference value. */
    boolean isReference(String name, String... path) {
        return values.find(name).filter(value -> is(value, path)).isPresent();
    }

    /** Whether the claim is one of those in the reference value, a list. */
    boolean isListed(String name, String... path) {
        Optional<JsonValue> claim = claim(path);
        return claim.isPresent()
                && values.find(name).orElse(null) instanceof JsonArray list
                && list.items().stream().anyMatch(item -> equal(item, claim.get()));
    }

    /** Whether the claim is a number, and no less than the reference value, a number too. */
    boolean isAtLeastReference(String name, String... path) {
        return claim(path).orElse(null) instanceof JsonNumber claim
                && values.find(name).orElse(null) instanceof JsonNumber least
                && compare(claim, least).filter(order -> order >= 0).isPresent();
    }

    /** How two numbers compare; nothing where an exponent is beyond what can be computed with. */
    private static Optional<Integer> compare(JsonNumber left, JsonNumber right) {
        try {
            return Optional.of(new BigDecimal(left.literal()).compareTo(new BigDecimal(right.literal())));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Equal as values: 1 is 1.0, and members have no order. */
    static boolean equal(JsonValue left, JsonValue right) {
        if (left instanceof JsonNumber l && right instanceof JsonNumber r) {
            return compare(l, r).filter(order -> order == 0).isPresent();
        }
        if (left instanceof JsonArray(List<JsonValue> l) && right instanceof JsonArray(List<JsonValue> r)) {
            if (l.size() != r.size()) {
                return false;
            }
            for (int i = 0; i < l.size(); i++) {
                if (!equal(l.get(i), r.get(i))) {
                    return false;
                }
            }
            return true;
        }
        if (left instanceof JsonObject(Map<String, JsonValue> l)
                && right instanceof JsonObject(Map<String, JsonValue> r)) {
            return l.keySet().equals(r.keySet())
                    && l.entrySet().stream()
                            .allMatch(member -> Optional.ofNullable(r.get(member.getKey()))
                                    .filter(value -> equal(member.getValue(), value))
                                    .isPresent());
        }
        return left.equals(right);
    }
}
