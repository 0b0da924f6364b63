package dev.bulla.policy.notation;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.ImageReference;
import dev.bulla.oci.OciException;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * notation's own {@code trustpolicy.json}, version 1.0, for OCI artifacts. Spec: trust-store-trust-policy.md.
 *
 * @param statements its trust policies, at least one
 */
public record TrustPolicyDocument(List<Statement> statements) {
    /** The most statements. */
    public static final int MAX_STATEMENTS = 1024;

    private static final String EVERYWHERE = "*";
    private static final Pattern STORE = Pattern.compile("(ca|signingAuthority|tsa):[a-zA-Z0-9_.-]+");

    public TrustPolicyDocument {
        statements = List.copyOf(statements);
    }

    /**
     * One trust policy.
     *
     * @param name its name
     * @param scopes the repositories that it is for, or {@code *} alone
     * @param verification what it asks for; empty for the level {@code skip}
     */
    public record Statement(String name, List<String> scopes, Optional<Verification> verification) {
        public Statement {
            requireNonNull(name, "name is null");
            scopes = List.copyOf(scopes);
            requireNonNull(verification, "verification is null");
        }
    }

    /**
     * What a trust policy asks for.
     *
     * @param level what must hold
     * @param timestamps when a time stamp is asked for
     * @param stores the trust stores, {@code ca:NAME}, {@code signingAuthority:NAME}, {@code tsa:NAME}; at least one
     * @param identities whose signatures count
     */
    public record Verification(
            VerificationLevel level,
            TimestampVerification timestamps,
            List<String> stores,
            TrustedIdentities identities) {
        public Verification {
            requireNonNull(level, "level is null");
            requireNonNull(timestamps, "timestamps is null");
            stores = List.copyOf(stores);
            requireNonNull(identities, "identities is null");
        }
    }

    /**
     * Reads one.
     *
     * @param json the file, bounded by the caller
     */
    public static TrustPolicyDocument parse(byte[] json) throws JsonException {
        JsonCursor.Members top = JsonCursor.parse(json).object();
        top.allowOnly("version", "trustPolicies");
        JsonCursor version = top.required("version");
        if (!version.string().equals("1.0")) {
            throw version.refuse("version " + Quoted.text(version.string()) + ", expected 1.0");
        }
        JsonCursor policies = top.required("trustPolicies");
        List<JsonCursor> items = policies.array();
        if (items.isEmpty() || items.size() > MAX_STATEMENTS) {
            throw policies.refuse(items.size() + " trust policies, expected 1 to " + MAX_STATEMENTS);
        }
        List<Statement> statements = new ArrayList<>();
        Set<String> names = new HashSet<>();
        Set<String> scopes = new HashSet<>();
        for (JsonCursor item : items) {
            Statement statement = statement(item);
            if (!names.add(statement.name())) {
                throw item.refuse("the name " + Quoted.text(statement.name()) + " is another trust policy's");
            }
            for (String scope : statement.scopes()) {
                if (!scopes.add(scope)) {
                    throw item.refuse("the registry scope " + Quoted.text(scope) + " stands twice");
                }
            }
            statements.add(statement);
        }
        return new TrustPolicyDocument(statements);
    }

    private static Statement statement(JsonCursor value) throws JsonException {
        JsonCursor.Members members = value.object();
        members.allowOnly("name", "registryScopes", "signatureVerification", "trustStores", "trustedIdentities");
        JsonCursor name = members.required("name");
        if (name.string().isEmpty()) {
            throw name.refuse("the name is empty");
        }
        List<String> scopes = scopes(members.required("registryScopes"));
        JsonCursor.Members verification =
                members.required("signatureVerification").object();
        verification.allowOnly("level", "override", "verifyTimestamp");
        Optional<VerificationLevel> level =
                VerificationLevel.parse(verification.required("level"), verification.optional("override"));
        TimestampVerification timestamps = TimestampVerification.parse(verification);
        if (level.isEmpty()) {
            if (scopes.contains(EVERYWHERE)) {
                throw value.refuse("the level skip does not go with the registry scope *");
            }
            if (isGiven(members, "trustStores") || isGiven(members, "trustedIdentities")) {
                throw value.refuse("the level skip does not go with trustStores or trustedIdentities");
            }
            return new Statement(name.string(), scopes, Optional.empty());
        }
        return new Statement(
                name.string(),
                scopes,
                Optional.of(new Verification(
                        level.get(),
                        timestamps,
                        stores(members.required("trustStores")),
                        TrustedIdentities.parse(members.required("trustedIdentities")))));
    }

    private static boolean isGiven(JsonCursor.Members members, String name) throws JsonException {
        Optional<JsonCursor> value = members.optional(name);
        return value.isPresent() && !value.get().array().isEmpty();
    }

    private static List<String> scopes(JsonCursor value) throws JsonException {
        List<JsonCursor> items = value.array();
        if (items.isEmpty()) {
            throw value.refuse("no registry scope, expected repositories or \"*\"");
        }
        List<String> scopes = new ArrayList<>();
        for (JsonCursor item : items) {
            String scope = item.string();
            if (scope.equals(EVERYWHERE)) {
                if (items.size() > 1) {
                    throw item.refuse("\"*\" stands beside others, expected it alone");
                }
            } else {
                requireRepository(item, scope);
            }
            scopes.add(scope);
        }
        return scopes;
    }

    /** A repository in full, as references are normalized: with its host, without tag and digest. */
    private static void requireRepository(JsonCursor item, String scope) throws JsonException {
        try {
            ImageReference reference = ImageReference.parse(scope);
            if (reference.tag().isEmpty()
                    && reference.digest().isEmpty()
                    && reference.name().equals(scope)) {
                return;
            }
        } catch (OciException e) {
            // refused below
        }
        // notation names OCI layouts local/…; such a scope is read, and no image of a registry has it
        if (!scope.startsWith("local/")) {
            throw item.refuse("the registry scope " + Quoted.text(scope)
                    + ", expected a repository in full, without tag, digest or *: registry.example/app");
        }
    }

    private static List<String> stores(JsonCursor value) throws JsonException {
        List<String> stores = new ArrayList<>();
        for (JsonCursor item : value.array()) {
            String store = item.string();
            requireStoreName(item, store);
            if (stores.contains(store)) {
                throw item.refuse("the trust store " + Quoted.text(store) + " stands twice");
            }
            stores.add(store);
        }
        if (stores.isEmpty()) {
            throw value.refuse("no trust store");
        }
        return stores;
    }

    /** Refuses what is no name of a trust store, {@code ca:NAME}. */
    public static void requireStoreName(JsonCursor where, String name) throws JsonException {
        if (!STORE.matcher(name).matches()) {
            throw where.refuse("the trust store " + Quoted.text(name)
                    + ", expected ca:NAME, signingAuthority:NAME or tsa:NAME of letters, digits, _, . and -");
        }
    }

    /**
     * The trust policy for an image: that of its repository, else the one for {@code *}.
     *
     * @param image its name, where it has one
     */
    public Optional<Statement> applicable(Optional<ImageReference> image) {
        return find(image.map(ImageReference::name)).or(() -> find(Optional.of(EVERYWHERE)));
    }

    private Optional<Statement> find(Optional<String> scope) {
        return statements.stream()
                .filter(statement -> scope.isPresent() && statement.scopes().contains(scope.get()))
                .findFirst();
    }
}
