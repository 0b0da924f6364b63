package dev.bulla.kbs.policy;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.bulla.attestation.protocol.EarStatus;
import dev.bulla.attestation.protocol.EarToken;
import dev.bulla.attestation.protocol.Tee;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which resources are released to which guests, by rules for paths.
 *
 * <p>A rule stands for a path such as {@code repository/type/tag}, or for all below a prefix: {@code repository/type/*}. The first
 * rule for a resource's path decides about it, by all of its conditions; a resource without a rule is not released. There must be
 * an appraisal, and each must be affirming, in every rule that does not say {@link RuleBuilder#acceptingWarnings()}.
 *
 * <p><b>Security.</b> Only {@code resource} is released from, no other plugin. Nothing makes a rule accept an appraisal that is
 * contraindicated or says nothing.
 */
public final class PathRules extends ResourcePolicy.Named {
    private static final String PLUGIN = "resource";
    private static final String EVIDENCE = "ear.veraison.annotated-evidence";

    private final List<Rule> rules;

    private PathRules(String name, List<Rule> rules) {
        super(name);
        this.rules = List.copyOf(rules);
    }

    private record Rule(List<String> path, boolean prefix, Set<EarStatus> statuses, List<Condition> conditions) {
        boolean isFor(List<String> requested) {
            return prefix
                    ? requested.size() > path.size()
                            && requested.subList(0, path.size()).equals(path)
                    : requested.equals(path);
        }
    }

    private sealed interface Condition {
        record TeeIn(Set<Tee> tees) implements Condition {}

        record Claim(List<String> path, JsonValue value) implements Condition {}
    }

    /** A builder of a policy that is called so in the audit log. */
    public static Builder named(String name) {
        return new Builder(name);
    }

    @Override
    public Optional<String> denial(ResourceRequest request) {
        if (!request.plugin().equals(PLUGIN)) {
            return Optional.of("policy " + name() + " denies other plugins than " + PLUGIN);
        }
        for (Rule rule : rules) {
            if (rule.isFor(request.path())) {
                return denial(rule, request.token());
            }
        }
        return Optional.of("policy " + name() + " has no rule for the path");
    }

    private Optional<String> denial(Rule rule, EarToken token) {
        Map<String, EarStatus> statuses = token.statuses();
        if (statuses.isEmpty() || !rule.statuses().containsAll(statuses.values())) {
            return Optional.of("policy " + name() + " denies, appraisals are " + statuses
                    + ", expected one at least, each of " + rule.statuses());
        }
        for (Condition condition : rule.conditions()) {
            boolean holds = switch (condition) {
                case Condition.TeeIn(Set<Tee> tees) ->
                    teesOf(token).stream().allMatch(tees::contains)
                            && !teesOf(token).isEmpty();
                case Condition.Claim(List<String> path, JsonValue value) ->
                    AppraisedClaims.find(token.claims(), path.toArray(String[]::new))
                            .filter(claim -> AppraisedClaims.equal(claim, value))
                            .isPresent();
            };
            if (!holds) {
                return Optional.of("policy " + name() + " denies, " + describe(condition));
            }
        }
        return Optional.empty();
    }

    private static String describe(Condition condition) {
        return switch (condition) {
            case Condition.TeeIn(Set<Tee> tees) -> "the TEE is none of " + tees;
            case Condition.Claim(List<String> path, JsonValue v) ->
                "claim " + Quoted.text(String.join("/", path)) + " is another";
        };
    }

    /** Of which kinds the evidence of the TEE itself is; of a token as it should be, one. */
    private static Set<Tee> teesOf(EarToken token) {
        Set<Tee> tees = EnumSet.noneOf(Tee.class);
        if (AppraisedClaims.find(token.claims(), "submods", EarToken.CPU, EVIDENCE)
                        .orElse(null)
                instanceof JsonObject evidence) {
            for (Tee tee : Tee.values()) {
                if (evidence.get(tee.wireName()).isPresent()) {
                    tees.add(tee);
                }
            }
        }
        return tees;
    }

    /** Collects rules in the order in which they are asked. */
    public static final class Builder {
        private final String name;
        private final List<Rule> rules = new ArrayList<>();

        private Builder(String name) {
            this.name = requireNonNull(name, "name is null");
        }

        /**
         * Begins a rule.
         *
         * @param path a resource's path, or a prefix of paths that ends in {@code /*}; {@code *} alone is every path
         * @throws IllegalArgumentException when a segment is empty, or there is another {@code *}
         */
        public RuleBuilder path(String path) {
            boolean prefix = path.equals("*") || path.endsWith("/*");
            String kept = path.equals("*") ? "" : prefix ? path.substring(0, path.length() - 2) : path;
            List<String> segments = kept.isEmpty() && prefix ? List.of() : List.of(kept.split("/", -1));
            if (segments.stream().anyMatch(segment -> segment.isEmpty() || segment.contains("*"))
                    || path.equals("/*")) {
                throw new IllegalArgumentException(
                        "path " + Quoted.text(path) + ": expected segments, the last may be *");
            }
            return new RuleBuilder(this, segments, prefix);
        }

        /** The policy. */
        public PathRules build() {
            return new PathRules(name, rules);
        }
    }

    /** Collects a rule's conditions. */
    public static final class RuleBuilder {
        private final Builder builder;
        private final List<String> path;
        private final boolean prefix;
        private final Set<EarStatus> statuses = EnumSet.of(EarStatus.AFFIRMING);
        private final List<Condition> conditions = new ArrayList<>();

        private RuleBuilder(Builder builder, List<String> path, boolean prefix) {
            this.builder = builder;
            this.path = path;
            this.prefix = prefix;
        }

        /** Accepts appraisals that are a warning, too. */
        @CanIgnoreReturnValue
        public RuleBuilder acceptingWarnings() {
            statuses.add(EarStatus.WARNING);
            return this;
        }

        /** Requires that the evidence of {@code cpu0} is of one of these kinds. */
        @CanIgnoreReturnValue
        public RuleBuilder tee(Tee first, Tee... others) {
            conditions.add(new Condition.TeeIn(Set.copyOf(EnumSet.of(first, others))));
            return this;
        }

        /**
         * Requires a claim.
         *
         * @param claim its names from the token's root, such as {@code submods, cpu0, ear.appraisal-policy-id}
         * @param value what it must equal
         */
        @CanIgnoreReturnValue
        public RuleBuilder claim(List<String> claim, JsonValue value) {
            conditions.add(new Condition.Claim(List.copyOf(claim), requireNonNull(value, "value is null")));
            return this;
        }

        /** Ends the rule: what meets its conditions is released. */
        @CanIgnoreReturnValue
        public Builder release() {
            builder.rules.add(new Rule(path, prefix, Set.copyOf(statuses), List.copyOf(conditions)));
            return builder;
        }
    }
}
