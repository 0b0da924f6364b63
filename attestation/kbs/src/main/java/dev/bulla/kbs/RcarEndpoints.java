package dev.bulla.kbs;

import dev.bulla.attestation.protocol.AttestationRequest;
import dev.bulla.attestation.protocol.AuthRequest;
import dev.bulla.attestation.protocol.Challenge;
import dev.bulla.attestation.protocol.HashAlgorithm;
import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.attestation.protocol.ReportData;
import dev.bulla.attestation.protocol.RuntimeData;
import dev.bulla.attestation.protocol.Tee;
import dev.bulla.attestation.protocol.TokenAnswer;
import dev.bulla.kbs.evidence.EvidenceBinding;
import dev.bulla.kbs.evidence.EvidenceException;
import dev.bulla.kbs.evidence.VerifiedEvidence;
import dev.bulla.kbs.evidence.Verifier;
import dev.bulla.kbs.policy.AttestationPolicy;
import dev.bulla.kbs.policy.PolicyException;
import dev.bulla.kbs.policy.ReferenceValueSource;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * {@code POST /auth} and {@code POST /attest}: challenges guests and judges their answers.
 *
 * <p>A guest is told that its answer failed, never why: the audit log says it.
 */
final class RcarEndpoints {
    private final SessionTable sessions;
    private final Verifier verifier;
    private final AttestationPolicy appraisal;
    private final ReferenceValueSource referenceValues;
    private final TokenIssuer issuer;
    private final AuditLog audit;
    private final boolean experimentalKeys;
    private final AtomicInteger attestations = new AtomicInteger();

    RcarEndpoints(
            SessionTable sessions,
            Verifier verifier,
            AttestationPolicy appraisal,
            ReferenceValueSource referenceValues,
            TokenIssuer issuer,
            AuditLog audit,
            boolean experimentalKeys) {
        this.sessions = sessions;
        this.verifier = verifier;
        this.appraisal = appraisal;
        this.referenceValues = referenceValues;
        this.issuer = issuer;
        this.audit = audit;
        this.experimentalKeys = experimentalKeys;
    }

    int attestations() {
        return attestations.get();
    }

    KbsResponse auth(KbsRequest request) throws KbsRefusal {
        try {
            AuthRequest auth = AuthRequest.parse(request.body());
            if (!auth.version().equals(AuthRequest.VERSION)) {
                throw new KbsProtocolException("protocol version " + Quoted.text(auth.version())
                        + " is not supported, only " + AuthRequest.VERSION);
            }
            Tee tee = Tee.parse(auth.tee());
            if (tee != verifier.tee()) {
                throw new KbsProtocolException("TEE " + Quoted.text(auth.tee()) + " is not verified here, only "
                        + verifier.tee().wireName());
            }
            AttestationSession session = sessions.begin(tee);
            record(AuditRecord.Action.CHALLENGE, true, Optional.of(session), Optional.empty(), "challenged");
            return KbsResponse.json(Challenge.of(session.nonce()).toJson(), session);
        } catch (KbsProtocolException e) {
            record(AuditRecord.Action.CHALLENGE, false, Optional.empty(), Optional.empty(), e.getMessage());
            throw new KbsRefusal(
                    ErrorVariant.ATTESTATION_ERROR, "Attestation error: RCAR handshake Auth failed: " + e.getMessage());
        } catch (KbsRefusal e) {
            record(AuditRecord.Action.CHALLENGE, false, Optional.empty(), Optional.empty(), e.reason());
            throw e;
        }
    }

    KbsResponse attest(KbsRequest request) throws KbsRefusal {
        Optional<AttestationSession> session = request.cookie().flatMap(sessions::find);
        Optional<String> thumbprint = Optional.empty();
        try {
            AttestationSession challenged =
                    session.orElseThrow(() -> attestRefused("no session of the request's cookie"));
            Optional<AttestationSession.IssuedToken> issued = challenged.spend(request.body());
            if (issued.isPresent()) {
                return answer(challenged, issued.get());
            }
            AttestationRequest attestation = experimentalKeys
                    ? AttestationRequest.parseExperimental(request.body())
                    : AttestationRequest.parse(request.body());
            thumbprint = Optional.of(attestation.runtimeData().teePublicKey().thumbprint());
            AttestationSession.IssuedToken token = judge(challenged, attestation);
            challenged.accept(request.body(), token);
            attestations.incrementAndGet();
            record(
                    AuditRecord.Action.ATTEST,
                    true,
                    session,
                    thumbprint,
                    "evidence verified, appraisals are " + token.claims().statuses());
            return answer(challenged, token);
        } catch (KbsRefusal e) {
            record(AuditRecord.Action.ATTEST, false, session, thumbprint, e.reason());
            throw e;
        } catch (KbsProtocolException e) {
            record(AuditRecord.Action.ATTEST, false, session, thumbprint, e.getMessage());
            throw attestRefused(e.getMessage());
        }
    }

    private AttestationSession.IssuedToken judge(AttestationSession session, AttestationRequest attestation)
            throws KbsRefusal {
        if (!MessageDigest.isEqual(
                bytes(session.nonce()), bytes(attestation.runtimeData().nonce()))) {
            throw attestRefused("the nonce is not the session's");
        }
        if (attestation.initData().isPresent()) {
            throw attestRefused("initdata is not verified here");
        }
        if (!attestation.additionalEvidence().isEmpty()) {
            throw attestRefused("evidence of additional devices is not verified here");
        }
        RuntimeData runtimeData =
                new RuntimeData(session.nonce(), attestation.runtimeData().teePublicKey());
        byte[] reportData = ReportData.ofPrimary(HashAlgorithm.DEFAULT, runtimeData, attestation.additionalEvidence());
        try {
            VerifiedEvidence verified = verifier.verify(attestation.primaryEvidence(), EvidenceBinding.of(reportData));
            JsonObject evidence = JsonObject.builder()
                    .put(session.tee().wireName(), verified.claims())
                    .build();
            return issuer.issue(
                    session.tee(),
                    verified,
                    runtimeData,
                    attestation.additionalEvidence(),
                    appraisal.appraise(evidence, referenceValues).vector());
        } catch (EvidenceException e) {
            throw attestRefused(e.getMessage());
        } catch (PolicyException e) {
            throw attestRefused(e.getMessage());
        }
    }

    private static KbsResponse answer(AttestationSession session, AttestationSession.IssuedToken token) {
        return KbsResponse.json(new TokenAnswer(token.text()).toJson(), session);
    }

    /** The refusal of an answer; the reason goes to the audit log alone. */
    static KbsRefusal attestRefused(String reason) {
        return new KbsRefusal(
                ErrorVariant.ATTESTATION_ERROR, "Attestation error: RCAR handshake Attest failed", reason);
    }

    private void record(
            AuditRecord.Action action,
            boolean allowed,
            Optional<AttestationSession> session,
            Optional<String> thumbprint,
            String reason) {
        audit.append(action, allowed, session, thumbprint, Optional.empty(), reason);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
