package dev.bulla.kbs;

import dev.bulla.attestation.protocol.EarToken;
import dev.bulla.attestation.protocol.KbsJwe;
import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.attestation.protocol.TeePublicKey;
import dev.bulla.kbs.plugin.KbsPlugin;
import dev.bulla.kbs.plugin.PluginException;
import dev.bulla.kbs.plugin.PluginRequest;
import dev.bulla.kbs.policy.PolicyException;
import dev.bulla.kbs.policy.ResourcePolicy;
import dev.bulla.kbs.policy.ResourceRequest;
import dev.bulla.kbs.token.TokenTrust;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * {@code /<plugin>/…}: what plugins serve, {@code resource} among them.
 *
 * <p><b>Security.</b> A release asks, in this order, for a token (of the session's cookie, else a bearer token), the
 * policy, the plugin and the key to encrypt to; the policy answers before it can be seen whether there is a resource.
 */
final class PluginEndpoints {
    private final Map<String, KbsPlugin> plugins;
    private final SessionTable sessions;
    private final TokenTrust trust;
    private final Supplier<ResourcePolicy> policy;
    private final AdminDoor admins;
    private final AuditLog audit;
    private final SecureRandom random;

    PluginEndpoints(
            Map<String, KbsPlugin> plugins,
            SessionTable sessions,
            TokenTrust trust,
            Supplier<ResourcePolicy> policy,
            AdminDoor admins,
            AuditLog audit,
            SecureRandom random) {
        this.plugins = Map.copyOf(plugins);
        this.sessions = sessions;
        this.trust = trust;
        this.policy = policy;
        this.admins = admins;
        this.audit = audit;
        this.random = random;
    }

    KbsResponse serve(KbsRequest request) throws KbsRefusal {
        KbsPlugin plugin = plugins.get(request.first());
        if (plugin == null) {
            throw new KbsRefusal(ErrorVariant.PLUGIN_NOT_FOUND, "Plugin " + request.first() + " not found");
        }
        PluginRequest asked = new PluginRequest(
                request.method(), request.restSegments(), request.query(), request.body(), Optional.empty());
        return plugin.isForAdministrators(asked) ? administer(plugin, asked, request) : release(plugin, request);
    }

    private static String subject(KbsRequest request) {
        return request.first().equals(ResourcePlugin.NAME) ? request.rest() : request.first() + "/" + request.rest();
    }

    private KbsResponse release(KbsPlugin plugin, KbsRequest request) throws KbsRefusal {
        Optional<AttestationSession> session = request.cookie().flatMap(sessions::find);
        AuditLog.Entry entry = AuditLog.Entry.ofGuest(AuditRecord.Action.RELEASE, session, Optional.empty())
                .about(subject(request));
        try {
            EarToken token = token(session, request.bearer());
            entry = AuditLog.Entry.ofGuest(
                            AuditRecord.Action.RELEASE,
                            session,
                            token.teePublicKey().map(TeePublicKey::thumbprint))
                    .about(subject(request));
            ResourcePolicy current = policy.get();
            requireAllowed(current, token, request);
            PluginRequest asked = new PluginRequest(
                    request.method(),
                    request.restSegments(),
                    request.query(),
                    request.body(),
                    initDataClaims(token.claims()));
            byte[] content = handle(plugin, asked);
            KbsResponse response;
            if (plugin.isEncrypted(asked)) {
                TeePublicKey key = token.teePublicKey()
                        .orElseThrow(() -> KbsRefusal.explained(
                                ErrorVariant.TOKEN_VERIFIER_ERROR,
                                "Token Verifier error",
                                "no TEE public key in the token"));
                response = KbsResponse.json(KbsJwe.seal(content, key, random));
                Arrays.fill(content, (byte) 0);
            } else {
                response = KbsResponse.plain(content);
            }
            audit.allowed(entry, "released, policy " + current.name());
            return response;
        } catch (KbsRefusal e) {
            throw audit.refused(entry, e);
        }
    }

    private static void requireAllowed(ResourcePolicy policy, EarToken token, KbsRequest request) throws KbsRefusal {
        try {
            Optional<String> denial =
                    policy.denial(new ResourceRequest(token, request.first(), request.restSegments(), request.query()));
            if (denial.isPresent()) {
                throw new KbsRefusal(ErrorVariant.POLICY_DENY, "Access denied by policy", denial.get());
            }
        } catch (PolicyException e) {
            throw new KbsRefusal(ErrorVariant.POLICY_DENY, "Access denied by policy", e.getMessage());
        }
    }

    private static byte[] handle(KbsPlugin plugin, PluginRequest request) throws KbsRefusal {
        try {
            return plugin.handle(request);
        } catch (PluginException e) {
            throw KbsRefusal.explained(
                    e.isMissing() ? ErrorVariant.RESOURCE_NOT_FOUND : ErrorVariant.PLUGIN_INTERNAL_ERROR,
                    "Plugin internal error",
                    e.getMessage());
        }
    }

    private static Optional<JsonValue> initDataClaims(JsonObject claims) {
        return member(claims, "submods")
                .flatMap(value -> member(value, EarToken.CPU))
                .flatMap(value -> member(value, "ear.veraison.annotated-evidence"))
                .flatMap(value -> member(value, "init_data_claims"));
    }

    private static Optional<JsonValue> member(JsonValue value, String name) {
        return value instanceof JsonObject object ? object.get(name) : Optional.empty();
    }

    private EarToken token(Optional<AttestationSession> session, Optional<String> bearer) throws KbsRefusal {
        Optional<String> ofSession = session.flatMap(AttestationSession::token);
        if (ofSession.isPresent()) {
            try {
                return trust.verify(ofSession.get());
            } catch (KbsProtocolException e) {
                if (bearer.isEmpty()) {
                    throw refused(e);
                }
            }
        }
        try {
            return trust.verify(bearer.orElseThrow(
                    () -> new KbsRefusal(ErrorVariant.TOKEN_NOT_FOUND, "Attestation Token not found")));
        } catch (KbsProtocolException e) {
            throw refused(e);
        }
    }

    private static KbsRefusal refused(KbsProtocolException problem) {
        return KbsRefusal.explained(ErrorVariant.TOKEN_VERIFIER_ERROR, "Token Verifier error", problem.getMessage());
    }

    private KbsResponse administer(KbsPlugin plugin, PluginRequest asked, KbsRequest request) throws KbsRefusal {
        AuditLog.Entry entry = AuditLog.Entry.of(AuditRecord.Action.STORE).about(subject(request));
        try {
            entry = entry.by(admins.admitToPlugin(request));
            byte[] answer = handle(plugin, asked);
            audit.allowed(entry, Quoted.text(request.method()) + " done");
            return KbsResponse.plain(answer);
        } catch (KbsRefusal e) {
            throw audit.refused(entry, e);
        }
    }
}
