package dev.bulla.kbs;

import dev.bulla.attestation.protocol.AttestationRequest;
import dev.bulla.attestation.protocol.HashAlgorithm;
import dev.bulla.attestation.protocol.InitData;
import dev.bulla.attestation.protocol.InitDataDocument;
import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.attestation.protocol.ReportData;
import dev.bulla.attestation.protocol.RuntimeData;
import dev.bulla.attestation.protocol.Tee;
import dev.bulla.kbs.evidence.EvidenceBinding;
import dev.bulla.kbs.evidence.EvidenceException;
import dev.bulla.kbs.evidence.VerifiedEvidence;
import dev.bulla.kbs.evidence.Verifier;
import dev.bulla.kbs.policy.AttestationPolicy;
import dev.bulla.kbs.policy.PolicyException;
import dev.bulla.kbs.policy.ReferenceValueSource;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonNull;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/**
 * Verifies a guest's evidence and that of its devices, and appraises each by the policy of its class.
 *
 * <p><b>Security.</b> The report data is made anew from the session's nonce, the guest's key and, for the TEE itself, the
 * devices' evidence as it came; nothing of the guest's own account of it is used. Each piece must verify, or none counts.
 */
final class EvidenceAppraiser {
    /** How many devices may come with a TEE. */
    static final int MAX_DEVICES = 64;

    /** How many texts of initdata are parsed at once: anybody may send one, and parsing takes far more memory than its text. */
    private static final Semaphore INIT_DATA_PARSERS = new Semaphore(2);

    private final Map<Tee, Verifier> verifiers;
    private final Policies policies;
    private final ReferenceValueSource referenceValues;
    private final TokenProfile profile;

    EvidenceAppraiser(
            Map<Tee, Verifier> verifiers,
            Policies policies,
            ReferenceValueSource referenceValues,
            TokenProfile profile) {
        this.verifiers = Map.copyOf(verifiers);
        this.policies = policies;
        this.referenceValues = referenceValues;
        this.profile = profile;
    }

    /** The verifier of that kind, if it is verified here. */
    Verifier verifier(Tee tee) throws KbsProtocolException {
        Verifier verifier = verifiers.get(tee);
        if (verifier == null) {
            throw new KbsProtocolException("TEE " + Quoted.text(tee.wireName()) + " is not verified here, only "
                    + verifiers.keySet().stream().map(Tee::wireName).sorted().toList());
        }
        return verifier;
    }

    /** What the guest's evidence comes to, the TEE itself first. */
    List<TokenIssuer.Submodule> appraise(AttestationSession session, AttestationRequest request)
            throws KbsProtocolException, EvidenceException, PolicyException {
        HashAlgorithm hash = session.hash();
        RuntimeData runtimeData =
                new RuntimeData(session.nonce(), request.runtimeData().teePublicKey());
        Optional<InitDataDocument> initData = initData(request.initData());
        Map<String, Integer> ofClass = new HashMap<>();
        List<TokenIssuer.Submodule> submodules = new ArrayList<>();
        byte[] reportData = ReportData.ofPrimary(hash, runtimeData, request.additionalEvidence());
        VerifiedEvidence primary = verifier(session.tee())
                .verify(
                        request.primaryEvidence(),
                        new EvidenceBinding(reportData, initData.map(InitDataDocument::digest)));
        JsonObject primaryClaims = profile.verbose()
                ? ReportData.primaryClaims(runtimeData, request.additionalEvidence())
                : ReportData.deviceClaims(runtimeData);
        JsonValue initDataClaims = initData.<JsonValue>map(InitDataClaims::of).orElse(JsonNull.NULL);
        submodules.add(appraise(session.tee(), primary, primaryClaims, initDataClaims, ofClass));
        EvidenceBinding deviceBinding = EvidenceBinding.of(ReportData.ofDevice(hash, runtimeData));
        JsonObject deviceClaims = ReportData.deviceClaims(runtimeData);
        for (Map.Entry<Tee, JsonValue> device :
                devices(request.additionalEvidence()).entrySet()) {
            VerifiedEvidence verified = verifier(device.getKey()).verify(device.getValue(), deviceBinding);
            submodules.add(appraise(device.getKey(), verified, deviceClaims, JsonNull.NULL, ofClass));
        }
        return submodules;
    }

    private static Optional<InitDataDocument> initData(Optional<InitData> sent) throws KbsProtocolException {
        if (sent.isEmpty()) {
            return Optional.empty();
        }
        if (!sent.get().format().equals("toml")) {
            throw new KbsProtocolException(
                    "initdata: format " + Quoted.text(sent.get().format()) + ", expected \"toml\"");
        }
        byte[] text = sent.get().body().getBytes(StandardCharsets.UTF_8);
        INIT_DATA_PARSERS.acquireUninterruptibly();
        try {
            return Optional.of(InitDataDocument.parse(text));
        } finally {
            INIT_DATA_PARSERS.release();
        }
    }

    /** The devices' evidence by kind, in the order of the text. */
    private static Map<Tee, JsonValue> devices(String additionalEvidence) throws KbsProtocolException {
        Map<Tee, JsonValue> devices = new LinkedHashMap<>();
        if (additionalEvidence.isEmpty()) {
            return devices;
        }
        try {
            JsonCursor.Members members = JsonCursor.parse(additionalEvidence).object();
            if (members.names().size() > MAX_DEVICES) {
                throw new KbsProtocolException(
                        "additional evidence: " + members.names().size() + " devices, limit " + MAX_DEVICES);
            }
            for (Map.Entry<String, JsonCursor> member : members.all().entrySet()) {
                devices.put(Tee.parse(member.getKey()), member.getValue().value());
            }
            return devices;
        } catch (JsonException e) {
            throw new KbsProtocolException("additional evidence: " + e.getMessage(), e);
        }
    }

    private TokenIssuer.Submodule appraise(
            Tee tee,
            VerifiedEvidence verified,
            JsonObject runtimeDataClaims,
            JsonValue initDataClaims,
            Map<String, Integer> ofClass)
            throws PolicyException {
        JsonObject.Builder annotated = JsonObject.builder();
        if (verified.initData().isPresent()) {
            annotated.put("init_data", verified.initData().get());
            annotated.put("init_data_claims", initDataClaims);
        }
        JsonObject evidence = annotated
                .put("report_data", verified.reportData())
                .put("runtime_data_claims", runtimeDataClaims)
                .put(tee.wireName(), verified.claims())
                .build();
        String policyId = profile.policyId() + "_" + verified.deviceClass();
        AttestationPolicy policy = policies.attestation(policyId)
                .orElseThrow(() -> new PolicyException("no attestation policy " + policyId));
        int number = ofClass.merge(verified.deviceClass(), 1, Integer::sum) - 1;
        return new TokenIssuer.Submodule(
                verified.deviceClass() + number, evidence, policy.appraise(evidence, referenceValues));
    }
}
