package dev.bulla.guest.trial;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.json.JsonObject;
import dev.bulla.policy.AcceptedDecision;
import dev.bulla.policy.Decision;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** What a policy says of an image whose keys were not opened. */
public sealed interface Verdict {
    /** {@code accept}, {@code reject} or {@code pending}. */
    String outcome();

    /** Why, in one line. */
    String reason();

    /** The decision that tells most: of a pending verdict the one that refuses. */
    Decision decision();

    /** The verdict as JSON: the decision's own, or {@code decision}, {@code reason} and one decision for each kind of wrap. */
    JsonObject toJson();

    /** The verdict in lines for a reader. */
    String toText();

    /** The same decision, however the keys are opened, or by the wrap that was assumed. */
    record Decided(Decision decision) implements Verdict {
        public Decided {
            requireNonNull(decision, "decision is null");
        }

        @Override
        public String outcome() {
            return decision.outcome();
        }

        @Override
        public String reason() {
            return decision.reason();
        }

        @Override
        public JsonObject toJson() {
            return decision.toJson();
        }

        @Override
        public String toText() {
            return decision.toText();
        }
    }

    /** Whether a decision lets the image run. */
    static boolean accepts(Decision decision) {
        return decision instanceof AcceptedDecision;
    }

    /**
     * It depends on the wraps that open the layers' keys.
     *
     * @param byWraps the decision if all keys were opened by that wrap ({@link PolicyTrial#wrap}); of both outcomes
     */
    record Pending(Map<String, Decision> byWraps) implements Verdict {
        public Pending {
            byWraps = Collections.unmodifiableMap(new LinkedHashMap<>(byWraps));
            if (byWraps.values().stream().map(Verdict::accepts).distinct().count() != 2) {
                throw new IllegalArgumentException("not pending: " + byWraps.keySet());
            }
        }

        private String wraps(boolean accepted) {
            return byWraps.entrySet().stream()
                    .filter(one -> accepts(one.getValue()) == accepted)
                    .map(Map.Entry::getKey)
                    .collect(Collectors.joining(", "));
        }

        private Decision first(boolean accepted) {
            return byWraps.values().stream()
                    .filter(one -> accepts(one) == accepted)
                    .findFirst()
                    .orElseThrow();
        }

        @Override
        public String outcome() {
            return "pending";
        }

        @Override
        public String reason() {
            return "accepted if the layers' keys are opened by one of " + wraps(true) + ", refused if by one of "
                    + wraps(false) + "; to assume one: --assume-wraps WRAP";
        }

        @Override
        public Decision decision() {
            return first(false);
        }

        @Override
        public JsonObject toJson() {
            JsonObject.Builder decisions = JsonObject.builder();
            byWraps.forEach((wrap, decision) -> decisions.put(wrap, decision.toJson()));
            return JsonObject.builder()
                    .put("decision", outcome())
                    .put("reason", reason())
                    .put("image", decision().image())
                    .put("byWraps", decisions.build())
                    .build();
        }

        @Override
        public String toText() {
            return "pending: " + reason() + "\n\nwith keys that are opened by one of " + wraps(true) + ":\n"
                    + first(true).toText() + "\nwith keys that are opened by one of " + wraps(false) + ":\n"
                    + first(false).toText();
        }
    }
}
