package dev.bulla.kbs;

import dev.bulla.attestation.protocol.Base64Url;
import dev.bulla.attestation.protocol.HashAlgorithm;
import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.kbs.policy.PolicyException;
import dev.bulla.kbs.store.StoreException;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** {@code /resource-policy} and {@code /attestation-policy}: administrators set the policies, or list the resource policies' ids. */
final class PolicyEndpoints {
    private final Policies policies;
    private final AdminDoor admins;
    private final AuditLog audit;

    PolicyEndpoints(Policies policies, AdminDoor admins, AuditLog audit) {
        this.policies = policies;
        this.admins = admins;
        this.audit = audit;
    }

    KbsResponse setResourcePolicy(KbsRequest request) throws KbsRefusal {
        AuditLog.Entry entry = AuditLog.Entry.of(AuditRecord.Action.POLICY).about(Policies.RESOURCE_POLICY);
        try {
            entry = entry.by(admins.admit(request));
            String text;
            try {
                JsonCursor.Members members = JsonCursor.parse(request.body()).object();
                members.allowOnly("policy");
                text = text(members);
            } catch (JsonException | KbsProtocolException e) {
                throw new KbsRefusal(ErrorVariant.PARSE_POLICY_ERROR, "Failed to parse policy: " + e.getMessage());
            }
            String name = policies.setResource(text).name();
            audit.allowed(entry, "set to " + name + ", text " + digest(text));
            return KbsResponse.empty();
        } catch (PolicyException | StoreException e) {
            throw audit.refused(
                    entry, new KbsRefusal(ErrorVariant.POLICY_ENGINE_ERROR, "Policy engine error: " + e.getMessage()));
        } catch (KbsRefusal e) {
            throw audit.refused(entry, e);
        }
    }

    KbsResponse setAttestationPolicy(KbsRequest request) throws KbsRefusal {
        AuditLog.Entry entry = AuditLog.Entry.of(AuditRecord.Action.POLICY);
        try {
            entry = entry.by(admins.admit(request));
            JsonCursor.Members members = JsonCursor.parse(request.body()).object();
            members.allowOnly("type", "policy_id", "policy");
            Optional<JsonCursor> type = members.optional("type");
            if (type.isPresent() && !type.get().string().equals("rego")) {
                throw type.get().refuse("expected \"rego\"");
            }
            String id = members.required("policy_id").string();
            String text = text(members);
            policies.setAttestation(id, text);
            audit.allowed(entry.about("attestation-policy/" + id), "set, text " + digest(text));
            return KbsResponse.empty();
        } catch (JsonException | KbsProtocolException | PolicyException | StoreException e) {
            throw audit.refused(
                    entry,
                    KbsRefusal.explained(
                            ErrorVariant.ATTESTATION_ERROR,
                            "Attestation error: Set Attestation Policy failed",
                            "attestation policy: " + e.getMessage()));
        } catch (KbsRefusal e) {
            throw audit.refused(entry, e);
        }
    }

    KbsResponse list(KbsRequest request) throws KbsRefusal {
        AuditLog.Entry entry = AuditLog.Entry.of(AuditRecord.Action.POLICY).about(Policies.RESOURCE_POLICY);
        try {
            entry = entry.by(admins.admit(request));
            audit.allowed(entry, "listed");
            return KbsResponse.json(JsonWriter.compact(JsonArray.ofStrings(List.of(Policies.RESOURCE_POLICY)))
                    .getBytes(StandardCharsets.UTF_8));
        } catch (KbsRefusal e) {
            throw audit.refused(entry, e);
        }
    }

    private static String text(JsonCursor.Members members) throws JsonException, KbsProtocolException {
        JsonCursor policy = members.required("policy");
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(Base64Url.decode(policy.string(), policy.path())))
                    .toString();
        } catch (CharacterCodingException e) {
            throw policy.refuse("the text is not UTF-8");
        }
    }

    private static String digest(String text) {
        return "sha256:" + HexFormat.of().formatHex(HashAlgorithm.SHA256.digest(text.getBytes(StandardCharsets.UTF_8)));
    }
}
