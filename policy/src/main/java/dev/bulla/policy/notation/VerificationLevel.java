package dev.bulla.policy.notation;

import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/**
 * Which validations must pass, and which are only told. Integrity (form, signature, certificates' form, descriptor) always
 * must. Spec: trust-store-trust-policy.md, Signature Verification details.
 *
 * @param name {@code strict}, {@code permissive} or {@code audit}; with {@code *} after it where it is overridden
 * @param actions for each validation what a failure does
 */
public record VerificationLevel(String name, Map<Validation, Action> actions) {
    /** Every validation must pass. */
    public static final VerificationLevel STRICT =
            of("strict", Action.ENFORCE, Action.ENFORCE, Action.ENFORCE, Action.ENFORCE);

    private static final VerificationLevel PERMISSIVE =
            of("permissive", Action.ENFORCE, Action.LOG, Action.LOG, Action.LOG);
    private static final VerificationLevel AUDIT = of("audit", Action.LOG, Action.LOG, Action.LOG, Action.LOG);

    /** A validation beside integrity. */
    public enum Validation {
        /** The chain is trusted, the signer one of the identities. */
        AUTHENTICITY("authenticity"),
        /** The certificates were valid when it was signed. */
        AUTHENTIC_TIMESTAMP("authenticTimestamp"),
        /** It is not used after the signer's own date. */
        EXPIRY("expiry"),
        /** No certificate is revoked. */
        REVOCATION("revocation");

        private final String id;

        Validation(String id) {
            this.id = id;
        }

        String id() {
            return id;
        }
    }

    /** What a failed validation does. */
    public enum Action {
        /** Refuses the signature. */
        ENFORCE("enforce"),
        /** Becomes a warning of the decision. */
        LOG("log"),
        /** Nothing: it is not made. */
        SKIP("skip");

        private final String id;

        Action(String id) {
            this.id = id;
        }
    }

    public VerificationLevel {
        actions = Collections.unmodifiableMap(new EnumMap<>(actions));
    }

    private static VerificationLevel of(
            String name, Action authenticity, Action timestamp, Action expiry, Action revocation) {
        return new VerificationLevel(
                name,
                Map.of(
                        Validation.AUTHENTICITY,
                        authenticity,
                        Validation.AUTHENTIC_TIMESTAMP,
                        timestamp,
                        Validation.EXPIRY,
                        expiry,
                        Validation.REVOCATION,
                        revocation));
    }

    /**
     * Reads the members {@code level} and {@code override} of an object.
     *
     * @return empty for {@code skip}, which verifies nothing and is for the caller to refuse
     */
    static Optional<VerificationLevel> parse(JsonCursor level, Optional<JsonCursor> override) throws JsonException {
        String name = level.string();
        VerificationLevel base = switch (name) {
            case "strict" -> STRICT;
            case "permissive" -> PERMISSIVE;
            case "audit" -> AUDIT;
            case "skip" -> {
                if (override.isPresent()) {
                    throw override.get().refuse("the level skip cannot be overridden");
                }
                yield null;
            }
            default ->
                throw level.refuse(
                        "unknown level " + Quoted.text(name) + ", expected strict, permissive, audit or skip");
        };
        if (base == null) {
            return Optional.empty();
        }
        return Optional.of(override.isPresent() ? base.overridden(override.get()) : base);
    }

    /**
     * Reads the members of a requirement, where the level may be left out and is {@link #STRICT} then.
     *
     * @throws JsonException also for {@code skip}
     */
    public static VerificationLevel parse(JsonCursor.Members members) throws JsonException {
        Optional<JsonCursor> override = members.optional("override");
        Optional<JsonCursor> level = members.optional("level");
        if (level.isEmpty()) {
            return override.isPresent() ? STRICT.overridden(override.get()) : STRICT;
        }
        Optional<VerificationLevel> parsed = parse(level.get(), override);
        if (parsed.isEmpty()) {
            throw level.get().refuse("the level skip verifies nothing; name {\"type\": \"insecureAcceptAnything\"}");
        }
        return parsed.get();
    }

    private VerificationLevel overridden(JsonCursor override) throws JsonException {
        Map<Validation, Action> changed = new EnumMap<>(actions);
        for (Map.Entry<String, JsonCursor> entry : override.object().all().entrySet()) {
            Validation validation = validation(override, entry.getKey());
            Action action = action(entry.getValue());
            if (action == Action.SKIP && validation != Validation.REVOCATION) {
                throw entry.getValue().refuse(validation.id + " cannot be skipped, expected enforce or log");
            }
            changed.put(validation, action);
        }
        return new VerificationLevel(name + "*", changed);
    }

    private static Validation validation(JsonCursor override, String name) throws JsonException {
        for (Validation validation : Validation.values()) {
            if (validation.id.equals(name)) {
                return validation;
            }
        }
        throw override.refuse("unknown validation " + Quoted.text(name)
                + ", expected authenticity, authenticTimestamp, expiry or revocation");
    }

    private static Action action(JsonCursor value) throws JsonException {
        String text = value.string();
        for (Action action : Action.values()) {
            if (action.id.equals(text)) {
                return action;
            }
        }
        throw value.refuse("unknown action " + Quoted.text(text) + ", expected enforce, log or skip");
    }

    /** What a failure of it does. */
    public Action action(Validation validation) {
        return actions.getOrDefault(validation, Action.ENFORCE);
    }

    /** Whether who signed must be known: without it a signature proves nothing. */
    public boolean authentic() {
        return action(Validation.AUTHENTICITY) == Action.ENFORCE;
    }
}
