package dev.bulla.kbs.config;

import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.kbs.EmbeddedKbs;
import dev.bulla.kbs.KbsException;
import dev.bulla.kbs.admin.AdminAuthorization;
import dev.bulla.kbs.admin.AdminException;
import dev.bulla.kbs.admin.EndpointPattern;
import dev.bulla.kbs.admin.EndpointRule;
import dev.bulla.kbs.admin.IdentityProvider;
import dev.bulla.kbs.admin.TokenAuthorization;
import dev.bulla.kbs.token.KeySet;
import dev.bulla.kbs.token.PemText;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.nio.file.Path;
import java.security.PublicKey;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * {@code [admin]}; where it is absent, nobody administers, which is stricter than Trustee.
 *
 * @param mode how administrators are let in
 * @param providers who issues their tokens
 * @param rules what their roles may do
 */
record AdminSettings(Mode mode, List<Provider> providers, List<EndpointRule> rules) {
    /** {@code authorization_mode}. */
    enum Mode {
        DENY_ALL,
        INSECURE_ALLOW_ALL,
        AUTHENTICATED
    }

    /** One of {@code identity_providers}, its files not read yet. */
    record Provider(Optional<String> issuer, Optional<String> audience, Optional<Path> key, Optional<Path> keySet) {}

    static AdminSettings read(Optional<JsonCursor> given, List<String> notes) throws JsonException {
        if (given.isEmpty()) {
            notes.add("[admin] is absent: nobody administers (DenyAll)");
            return new AdminSettings(Mode.DENY_ALL, List.of(), List.of());
        }
        JsonCursor.Members table = given.get().object();
        table.allowOnly("authorization_mode", "authentication", "authorization");
        JsonCursor mode = table.required("authorization_mode");
        Settings.requireWord(mode, "AuthenticatedAuthorization", "DenyAll", "InsecureAllowAll");
        if (!mode.string().equals("AuthenticatedAuthorization")) {
            table.allowOnly("authorization_mode");
            if (mode.string().equals("DenyAll")) {
                notes.add("admin.authorization_mode: nobody administers (DenyAll)");
                return new AdminSettings(Mode.DENY_ALL, List.of(), List.of());
            }
            notes.add("admin.authorization_mode: everybody administers (InsecureAllowAll)");
            return new AdminSettings(Mode.INSECURE_ALLOW_ALL, List.of(), List.of());
        }
        JsonCursor.Members authentication = table.required("authentication").object();
        authentication.allowOnly("bearer_jwt");
        JsonCursor.Members bearer = authentication.required("bearer_jwt").object();
        bearer.allowOnly("identity_providers");
        List<Provider> providers = new ArrayList<>();
        for (JsonCursor item : bearer.required("identity_providers").array()) {
            providers.add(provider(item));
        }
        if (providers.isEmpty()) {
            throw bearer.required("identity_providers").refuse("expected at least one");
        }
        JsonCursor.Members authorization = table.required("authorization").object();
        authorization.allowOnly("regex_acl");
        JsonCursor.Members acl = authorization.required("regex_acl").object();
        acl.allowOnly("acls");
        List<EndpointRule> rules = new ArrayList<>();
        Optional<JsonCursor> acls = acl.optional("acls");
        if (acls.isPresent()) {
            for (JsonCursor item : acls.get().array()) {
                rules.add(rule(item));
            }
        }
        if (rules.isEmpty()) {
            notes.add("admin.authorization.regex_acl: no rule lets any administrator do anything");
        }
        return new AdminSettings(Mode.AUTHENTICATED, providers, rules);
    }

    private static Provider provider(JsonCursor item) throws JsonException {
        JsonCursor.Members members = item.object();
        members.allowOnly("issuer", "audience", "public_key_uri", "jwk_set_uri");
        Provider provider = new Provider(
                Settings.text(members, "issuer"),
                Settings.text(members, "audience"),
                Settings.path(members, "public_key_uri"),
                Settings.path(members, "jwk_set_uri"));
        if (provider.key().isEmpty() && provider.keySet().isEmpty()) {
            throw item.refuse("\"public_key_uri\" or \"jwk_set_uri\" is needed");
        }
        return provider;
    }

    private static EndpointRule rule(JsonCursor item) throws JsonException {
        JsonCursor.Members members = item.object();
        members.allowOnly("role", "allowed_endpoints");
        JsonCursor endpoints = members.required("allowed_endpoints");
        try {
            return new EndpointRule(members.required("role").string(), EndpointPattern.parse(endpoints.string()));
        } catch (AdminException e) {
            throw endpoints.refuse(e.getMessage());
        }
    }

    void apply(EmbeddedKbs.Builder builder, InstantSource time) throws KbsException {
        builder.administration(
                switch (mode) {
                    case DENY_ALL -> new AdminAuthorization.DenyAll();
                    case INSECURE_ALLOW_ALL -> new AdminAuthorization.InsecureAllowAll();
                    case AUTHENTICATED -> new TokenAuthorization(identityProviders(), rules, time);
                });
    }

    private List<IdentityProvider> identityProviders() throws KbsException {
        List<IdentityProvider> all = new ArrayList<>();
        for (Provider provider : providers) {
            try {
                Optional<PublicKey> key = provider.key().isPresent()
                        ? Optional.of(
                                PemText.publicKey(Settings.read(provider.key().get())))
                        : Optional.empty();
                Optional<KeySet> keys = provider.keySet().isPresent()
                        ? Optional.of(
                                KeySet.parse(Settings.read(provider.keySet().get())))
                        : Optional.empty();
                all.add(new IdentityProvider(provider.issuer(), provider.audience(), Optional.empty(), key, keys));
            } catch (KbsProtocolException e) {
                throw new KbsException("identity provider: " + e.getMessage(), e);
            }
        }
        return all;
    }
}
