package dev.bulla.kbs;

import dev.bulla.attestation.protocol.EarToken;
import dev.bulla.attestation.protocol.KbsJwe;
import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.attestation.protocol.ResourcePath;
import dev.bulla.attestation.protocol.TeePublicKey;
import dev.bulla.kbs.policy.PolicyException;
import dev.bulla.kbs.policy.ResourcePolicy;
import dev.bulla.kbs.policy.ResourceRequest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * {@code /resource/{repository}/{type}/{tag}}: releases resources to attested guests, and takes them from administrators.
 *
 * <p><b>Security.</b> A release asks, in this order, for a token (of the session's cookie, else a bearer token), the
 * policy, the resource and the key to encrypt to; the policy answers before it can be seen whether there is a resource.
 */
final class ResourceEndpoints {
    private final SessionTable sessions;
    private final TokenIssuer issuer;
    private final ResourceStore store;
    private final Supplier<ResourcePolicy> policy;
    private final AdminGate admins;
    private final AuditLog audit;
    private final SecureRandom random;

    ResourceEndpoints(
            SessionTable sessions,
            TokenIssuer issuer,
            ResourceStore store,
            Supplier<ResourcePolicy> policy,
            AdminGate admins,
            AuditLog audit,
            SecureRandom random) {
        this.sessions = sessions;
        this.issuer = issuer;
        this.store = store;
        this.policy = policy;
        this.admins = admins;
        this.audit = audit;
        this.random = random;
    }

    KbsResponse release(KbsRequest request) throws KbsRefusal {
        Optional<AttestationSession> session = request.cookie().flatMap(sessions::find);
        Optional<String> thumbprint = Optional.empty();
        try {
            EarToken token = token(session, request.bearer());
            thumbprint = token.teePublicKey().map(TeePublicKey::thumbprint);
            Optional<String> denial;
            try {
                denial = policy.get()
                        .denial(new ResourceRequest(
                                token,
                                request.path().getFirst(),
                                request.path().subList(1, request.path().size()),
                                Map.of()));
            } catch (PolicyException e) {
                throw new KbsRefusal(ErrorVariant.POLICY_DENY, "Access denied by policy", e.getMessage());
            }
            if (denial.isPresent()) {
                throw new KbsRefusal(ErrorVariant.POLICY_DENY, "Access denied by policy", denial.get());
            }
            if (!request.method().equals("GET")) {
                throw new KbsRefusal(ErrorVariant.PLUGIN_INTERNAL_ERROR, "Plugin internal error: Illegal HTTP method");
            }
            ResourcePath path = path(request);
            byte[] content = store.get(path)
                    .orElseThrow(() -> new KbsRefusal(
                            ErrorVariant.PLUGIN_INTERNAL_ERROR, "Plugin internal error: no resource " + path));
            TeePublicKey key = token.teePublicKey()
                    .orElseThrow(() -> new KbsRefusal(
                            ErrorVariant.TOKEN_VERIFIER_ERROR, "Token verifier error: no TEE public key in the token"));
            byte[] sealed = KbsJwe.seal(content, key, random);
            Arrays.fill(content, (byte) 0);
            audit.append(
                    AuditRecord.Action.RELEASE, true, session, thumbprint, Optional.of(request.rest()), "released");
            return KbsResponse.json(sealed);
        } catch (KbsRefusal e) {
            audit.append(
                    AuditRecord.Action.RELEASE, false, session, thumbprint, Optional.of(request.rest()), e.reason());
            throw e;
        }
    }

    private EarToken token(Optional<AttestationSession> session, Optional<String> bearer) throws KbsRefusal {
        Optional<EarToken> ofSession =
                session.flatMap(AttestationSession::token).map(AttestationSession.IssuedToken::claims);
        try {
            if (ofSession.isPresent()) {
                issuer.requireCurrent(ofSession.get());
                return ofSession.get();
            }
        } catch (KbsProtocolException e) {
            if (bearer.isEmpty()) {
                throw new KbsRefusal(ErrorVariant.TOKEN_VERIFIER_ERROR, "Token verifier error: " + e.getMessage());
            }
        }
        try {
            return issuer.verify(bearer.orElseThrow(
                    () -> new KbsRefusal(ErrorVariant.TOKEN_NOT_FOUND, "Attestation token not found")));
        } catch (KbsProtocolException e) {
            throw new KbsRefusal(ErrorVariant.TOKEN_VERIFIER_ERROR, "Token verifier error: " + e.getMessage());
        }
    }

    KbsResponse administer(KbsRequest request) throws KbsRefusal {
        try {
            admins.admit(request.bearer(), ErrorVariant.ADMIN_AUTH_INITIALIZATION);
            ResourcePath path = path(request);
            String done;
            if (request.method().equals("POST")) {
                store.put(path, request.body());
                done = "stored";
            } else {
                if (!store.remove(path)) {
                    throw new KbsRefusal(
                            ErrorVariant.PLUGIN_INTERNAL_ERROR, "Plugin internal error: no resource " + path);
                }
                done = "deleted";
            }
            record(request, true, done);
            return KbsResponse.empty();
        } catch (KbsRefusal e) {
            record(request, false, e.reason());
            throw e;
        }
    }

    private void record(KbsRequest request, boolean allowed, String reason) {
        audit.append(
                AuditRecord.Action.STORE,
                allowed,
                Optional.empty(),
                Optional.empty(),
                Optional.of(request.rest()),
                reason);
    }

    private static ResourcePath path(KbsRequest request) throws KbsRefusal {
        try {
            return ResourcePath.parse(request.rest());
        } catch (KbsProtocolException e) {
            throw new KbsRefusal(ErrorVariant.PLUGIN_INTERNAL_ERROR, "Plugin internal error: illegal resource path");
        }
    }
}
