package dev.bulla.guest.trial;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.json.JsonObject;
import dev.bulla.policy.Decision;
import java.util.LinkedHashMap;
import java.util.Map;

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

    /**
     * It depends on the wraps that open the layers' keys.
     *
     * @param accepted the decision if a pinned KBS releases them
     * @param refused the decision if they were wrapped for a public key
     */
    record Pending(Decision accepted, Decision refused) implements Verdict {
        public Pending {
            requireNonNull(accepted, "accepted is null");
            requireNonNull(refused, "refused is null");
        }

        @Override
        public String outcome() {
            return "pending";
        }

        @Override
        public String reason() {
            return "accepted if a pinned KBS releases the layers' keys, refused if they were wrapped for a public key;"
                    + " to assume one: --assume-wraps kbs or --assume-wraps jwe";
        }

        @Override
        public Decision decision() {
            return refused;
        }

        @Override
        public JsonObject toJson() {
            Map<String, Decision> byWrap = new LinkedHashMap<>();
            byWrap.put("kbs", accepted);
            byWrap.put("jwe", refused);
            JsonObject.Builder decisions = JsonObject.builder();
            byWrap.forEach((wrap, decision) -> decisions.put(wrap, decision.toJson()));
            return JsonObject.builder()
                    .put("decision", outcome())
                    .put("reason", reason())
                    .put("image", refused.image())
                    .put("byWraps", decisions.build())
                    .build();
        }

        @Override
        public String toText() {
            return "pending: " + reason() + "\n\nwith keys that a pinned KBS releases:\n" + accepted.toText()
                    + "\nwith keys that were wrapped for a public key:\n" + refused.toText();
        }
    }
}
