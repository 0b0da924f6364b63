package dev.bulla.kbs;

import dev.bulla.attestation.protocol.Base64Url;
import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.kbs.policy.ResourcePolicy;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/** {@code /resource-policy}: administrators set the policy, or list the policies' ids. */
final class PolicyEndpoints {
    private static final String POLICY_ID = "resource-policy";

    private final AtomicReference<ResourcePolicy> policy;
    private final AdminGate admins;
    private final AuditLog audit;

    PolicyEndpoints(AtomicReference<ResourcePolicy> policy, AdminGate admins, AuditLog audit) {
        this.policy = policy;
        this.admins = admins;
        this.audit = audit;
    }

    KbsResponse set(KbsRequest request) throws KbsRefusal {
        try {
            admins.admit(request.bearer(), ErrorVariant.ADMIN_AUTH_ACCESS);
            ResourcePolicy parsed = parse(request.body());
            policy.set(parsed);
            record(true, "set to " + parsed.name());
            return KbsResponse.empty();
        } catch (KbsRefusal e) {
            record(false, e.reason());
            throw e;
        }
    }

    KbsResponse list(KbsRequest request) throws KbsRefusal {
        try {
            admins.admit(request.bearer(), ErrorVariant.ADMIN_AUTH_ACCESS);
            record(true, "listed");
            return KbsResponse.json(
                    JsonWriter.compact(JsonArray.ofStrings(List.of(POLICY_ID))).getBytes(StandardCharsets.UTF_8));
        } catch (KbsRefusal e) {
            record(false, e.reason());
            throw e;
        }
    }

    private static ResourcePolicy parse(byte[] body) throws KbsRefusal {
        try {
            JsonCursor.Members members = JsonCursor.parse(body).object();
            members.allowOnly("policy");
            byte[] text = Base64Url.decode(members.required("policy").string(), "$.policy");
            String name = new String(text, StandardCharsets.UTF_8).strip();
            for (ResourcePolicy known : List.of(ResourcePolicy.ALLOW, ResourcePolicy.DENY, ResourcePolicy.AFFIRMING)) {
                if (known.name().equals(name)) {
                    return known;
                }
            }
            throw new KbsRefusal(
                    ErrorVariant.PARSE_POLICY_ERROR,
                    "policy " + Quoted.text(name) + ": expected allow, deny or affirming; Rego is not understood");
        } catch (JsonException | KbsProtocolException e) {
            throw new KbsRefusal(ErrorVariant.PARSE_POLICY_ERROR, "Policy parse error: " + e.getMessage());
        }
    }

    private void record(boolean allowed, String reason) {
        audit.append(AuditRecord.Action.POLICY, allowed, Optional.empty(), Optional.empty(), Optional.empty(), reason);
    }
}
