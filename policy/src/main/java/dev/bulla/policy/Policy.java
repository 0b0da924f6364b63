package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.json.JsonException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A tenant's policy: containers-policy.json(5), parsed and validated whole, and the section {@code "bulla"}.
 *
 * <p>Immutable; files that {@code keyPath} and its like name are read when an image is judged, not here.
 */
public final class Policy {
    /** The most bytes of a policy. */
    public static final int MAX_LENGTH = 4 * 1024 * 1024;

    private final String origin;
    private final List<PolicyRequirement> defaults;
    private final Map<String, Map<String, List<PolicyRequirement>>> transports;
    private final PolicyExtension extension;

    Policy(
            String origin,
            List<PolicyRequirement> defaults,
            Map<String, Map<String, List<PolicyRequirement>>> transports,
            PolicyExtension extension) {
        this.origin = requireNonNull(origin, "origin is null");
        this.defaults = List.copyOf(defaults);
        this.transports = Map.copyOf(transports);
        this.extension = requireNonNull(extension, "extension is null");
    }

    /**
     * Parses a policy. Unknown and duplicate keys, wrong types, nulls and empty lists are refused at every level.
     *
     * @param json the text, in UTF-8
     * @param origin where it came from, for messages and decisions
     * @throws PolicyFormatException when it is no policy
     */
    public static Policy parse(byte[] json, String origin) throws PolicyFormatException {
        try {
            if (json.length > MAX_LENGTH) {
                throw new JsonException("$", json.length + " bytes, limit " + MAX_LENGTH);
            }
            return PolicyGrammar.parse(json, origin);
        } catch (JsonException e) {
            throw new PolicyFormatException(origin, e);
        }
    }

    /** Where it came from. */
    public String origin() {
        return origin;
    }

    /** The matrix that applies: the policy's, or the defaults where it has none. */
    public Matrix matrix() {
        return extension.matrix().orElseGet(Matrix::defaults);
    }

    /**
     * This policy under the matrix of the agent's own configuration: that one where the policy has none; else the
     * stricter of both in each cell, so that neither widens the other.
     */
    public Policy withMatrix(Matrix configured) {
        return new Policy(
                origin,
                defaults,
                transports,
                extension.withMatrix(
                        extension.matrix().map(own -> own.stricter(configured)).orElse(configured)));
    }

    /** What must at least hold a mounted image to its digest; empty where the policy does not say. */
    public Optional<RequiredEnforcement> requiredEnforcement() {
        return extension.enforcement();
    }

    /** What is not to be believed any more. */
    RevocationRules revocations() {
        return extension.revocations();
    }

    /** How old images may be. */
    MinimumVersions minimumVersions() {
        return extension.minimumVersions();
    }

    /** What holds of clocks. */
    TimeRules time() {
        return extension.time();
    }

    /** By which scope an image of that name is judged. */
    public ScopeChoice choose(ImageName name) {
        ScopeLookup lookup = ScopeLookup.of(name);
        Map<String, List<PolicyRequirement>> byScope = transports.getOrDefault(lookup.transport(), Map.of());
        Optional<String> scope =
                lookup.scopes().stream().filter(byScope::containsKey).findFirst();
        SealRule seal = sealRule(lookup);
        return new ScopeChoice(
                lookup.transport(),
                lookup.scopes(),
                scope,
                asksForSignature(scope.map(text -> named(lookup.transport(), text))),
                seal.require(),
                seal.mapping());
    }

    /**
     * Whether an image counts as signed that meets the requirements of that scope.
     *
     * @param scope {@code TRANSPORT:SCOPE}, of which the policy has one so named; empty: of {@code default}
     * @throws IllegalArgumentException when the policy has no such scope
     */
    public boolean asksForSignature(Optional<String> scope) {
        List<PolicyRequirement> requirements = defaults;
        if (scope.isPresent()) {
            int colon = scope.get().indexOf(':');
            requirements = Optional.ofNullable(transports
                            .getOrDefault(scope.get().substring(0, Math.max(colon, 0)), Map.of())
                            .get(scope.get().substring(colon + 1)))
                    .orElseThrow(() -> new IllegalArgumentException("no scope of the policy: " + scope.get()));
        }
        return requirements.stream().anyMatch(PolicyRequirement::cryptographic);
    }

    /** What is required of an image's seal. */
    SealRule sealRule(ScopeLookup lookup) {
        return extension.seals().select(lookup);
    }

    /** Whose signatures over image digests are believed. */
    List<KeyMaterial> imageKeys() {
        return extension.imageKeys();
    }

    /** The requirements of the first of these scopes that the policy has for the transport, else the default ones. */
    Selection select(String transport, List<String> scopes) {
        Map<String, List<PolicyRequirement>> byScope = transports.getOrDefault(transport, Map.of());
        for (int i = 0; i < scopes.size(); i++) {
            List<PolicyRequirement> requirements = byScope.get(scopes.get(i));
            if (requirements != null) {
                return new Selection(
                        named(transport, scopes.get(i)), named(transport, scopes.subList(0, i)), requirements);
            }
        }
        return new Selection("default", named(transport, scopes), defaults);
    }

    private static List<String> named(String transport, List<String> scopes) {
        return scopes.stream().map(scope -> named(transport, scope)).toList();
    }

    private static String named(String transport, String scope) {
        return transport + ":" + scope;
    }

    /**
     * The requirements that apply to an image, and how they were found.
     *
     * @param scope the scope that matched, {@code docker:example.com}, or {@code default}
     * @param passedOver the scopes that were looked up before it
     * @param requirements what it asks for, never empty
     */
    record Selection(String scope, List<String> passedOver, List<PolicyRequirement> requirements) {
        Selection {
            passedOver = List.copyOf(passedOver);
            requirements = List.copyOf(requirements);
        }
    }
}
