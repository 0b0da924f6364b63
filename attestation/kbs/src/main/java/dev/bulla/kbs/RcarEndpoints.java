package dev.bulla.kbs;

import dev.bulla.attestation.protocol.AttestationRequest;
import dev.bulla.attestation.protocol.AuthRequest;
import dev.bulla.attestation.protocol.Challenge;
import dev.bulla.attestation.protocol.HashAlgorithm;
import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.attestation.protocol.Tee;
import dev.bulla.attestation.protocol.TokenAnswer;
import dev.bulla.kbs.evidence.EvidenceException;
import dev.bulla.kbs.policy.PolicyException;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * {@code POST /auth} and {@code POST /attest}: challenges guests and judges their answers.
 *
 * <p>A guest is told that its answer failed, never why: the audit log says it.
 */
final class RcarEndpoints {
    private final SessionTable sessions;
    private final AuthRate rate;
    private final EvidenceAppraiser appraiser;
    private final HashAlgorithm hash;
    private final TokenIssuer issuer;
    private final AuditLog audit;
    private final boolean experimentalKeys;
    private final AtomicInteger attestations = new AtomicInteger();

    RcarEndpoints(
            SessionTable sessions,
            AuthRate rate,
            EvidenceAppraiser appraiser,
            HashAlgorithm hash,
            TokenIssuer issuer,
            AuditLog audit,
            boolean experimentalKeys) {
        this.sessions = sessions;
        this.rate = rate;
        this.appraiser = appraiser;
        this.hash = hash;
        this.issuer = issuer;
        this.audit = audit;
        this.experimentalKeys = experimentalKeys;
    }

    int attestations() {
        return attestations.get();
    }

    KbsResponse auth(KbsRequest request) throws KbsRefusal {
        AuditLog.Entry entry = AuditLog.Entry.of(AuditRecord.Action.CHALLENGE);
        rate.admit(request.peer()); // not recorded: a flood would fill the log
        try {
            AuthRequest auth = AuthRequest.parse(request.body());
            if (!auth.version().equals(AuthRequest.VERSION)) {
                throw new KbsProtocolException("protocol version " + Quoted.text(auth.version())
                        + " is not supported, only " + AuthRequest.VERSION);
            }
            Tee tee = Tee.parse(auth.tee());
            appraiser.verifier(tee);
            requireHash(auth);
            AttestationSession session = sessions.begin(tee, hash, AuthRate.name(request.peer()));
            audit.allowed(
                    AuditLog.Entry.ofGuest(AuditRecord.Action.CHALLENGE, Optional.of(session), Optional.empty()),
                    "challenged");
            return KbsResponse.json(challenge(session.nonce()).toJson(), session);
        } catch (KbsProtocolException e) {
            throw audit.refused(
                    entry,
                    new KbsRefusal(
                            ErrorVariant.ATTESTATION_ERROR,
                            "Attestation error: RCAR handshake Auth failed: " + e.getMessage()));
        } catch (KbsRefusal e) {
            throw audit.refused(entry, e);
        }
    }

    /** The default needs no selection, as with Trustee; another must be one that the guest knows. */
    private void requireHash(AuthRequest auth) throws KbsProtocolException {
        if (hash == HashAlgorithm.DEFAULT) {
            return;
        }
        try {
            Optional<JsonCursor> known = auth.extraParams() instanceof JsonObject object
                    ? new JsonCursor(object, "$.extra-params").object().optional("supported-hash-algorithms")
                    : Optional.empty();
            List<String> names = known.isEmpty() ? List.of() : known.get().strings();
            if (names.stream().noneMatch(name -> name.toLowerCase(Locale.ROOT).equals(hash.wireName()))) {
                throw new KbsProtocolException("the guest does not know the hash algorithm " + hash.wireName());
            }
        } catch (JsonException e) {
            throw new KbsProtocolException("auth request: " + e.getMessage(), e);
        }
    }

    private Challenge challenge(String nonce) {
        return hash == HashAlgorithm.DEFAULT
                ? Challenge.of(nonce)
                : new Challenge(
                        nonce,
                        JsonObject.builder()
                                .put("selected-hash-algorithm", hash.wireName())
                                .build());
    }

    KbsResponse attest(KbsRequest request) throws KbsRefusal {
        Optional<AttestationSession> session = request.cookie().flatMap(sessions::find);
        AuditLog.Entry entry = AuditLog.Entry.ofGuest(AuditRecord.Action.ATTEST, session, Optional.empty());
        try {
            AttestationSession challenged =
                    session.orElseThrow(() -> attestRefused("no session of the request's cookie"));
            Optional<String> issued = sessions.spend(challenged, request.body());
            if (issued.isPresent()) {
                return answer(challenged, issued.get());
            }
            AttestationRequest attestation = experimentalKeys
                    ? AttestationRequest.parseExperimental(request.body())
                    : AttestationRequest.parse(request.body());
            entry = AuditLog.Entry.ofGuest(
                    AuditRecord.Action.ATTEST,
                    session,
                    Optional.of(attestation.runtimeData().teePublicKey().thumbprint()));
            if (!MessageDigest.isEqual(
                    bytes(challenged.nonce()), bytes(attestation.runtimeData().nonce()))) {
                throw attestRefused("the nonce is not the session's");
            }
            List<TokenIssuer.Submodule> submodules = appraiser.appraise(challenged, attestation);
            String token = issuer.issue(submodules);
            audit.allowed(entry, "evidence verified, appraisals are " + statuses(submodules));
            sessions.accept(challenged, request.body(), token);
            attestations.incrementAndGet();
            return answer(challenged, token);
        } catch (KbsProtocolException | EvidenceException | PolicyException e) {
            throw audit.refused(entry, attestRefused(String.valueOf(e.getMessage())));
        } catch (KbsRefusal e) {
            throw audit.refused(entry, e);
        }
    }

    private static List<String> statuses(List<TokenIssuer.Submodule> submodules) {
        return submodules.stream()
                .map(submodule -> submodule.name() + " "
                        + submodule.appraisal().vector().status().wireName())
                .toList();
    }

    private static KbsResponse answer(AttestationSession session, String token) {
        return KbsResponse.json(new TokenAnswer(token).toJson(), session);
    }

    /** The refusal of an answer; the reason goes to the audit log alone. */
    static KbsRefusal attestRefused(String reason) {
        return new KbsRefusal(
                ErrorVariant.ATTESTATION_ERROR, "Attestation error: RCAR handshake Attest failed", reason);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
