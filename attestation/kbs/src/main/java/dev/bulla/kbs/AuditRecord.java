package dev.bulla.kbs;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.json.JsonObject;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * What an embedded KBS did at one time, without secrets.
 *
 * @param time when, by the KBS's clock
 * @param action what was asked
 * @param allowed whether it was done
 * @param session a name for the session under which it was asked; not the session's cookie
 * @param tee the guest's kind of TEE, where it is known
 * @param keyThumbprint the RFC 7638 thumbprint of the guest's key, where it is known
 * @param resource what it was about: the resource's path, the policy's id, the reference value's name
 * @param administrator the administrator's role, where one was let in
 * @param reason why, in one line
 */
public record AuditRecord(
        Instant time,
        Action action,
        boolean allowed,
        Optional<String> session,
        Optional<String> tee,
        Optional<String> keyThumbprint,
        Optional<String> resource,
        Optional<String> administrator,
        String reason) {

    /** What a KBS is asked. */
    public enum Action {
        /** A guest asks for a challenge. */
        CHALLENGE,
        /** A guest answers one. */
        ATTEST,
        /** A guest asks for a resource, or for what another plugin gives guests. */
        RELEASE,
        /** An administrator stores, deletes or lists resources, or asks what another plugin gives administrators. */
        STORE,
        /** An administrator reads or sets a policy. */
        POLICY,
        /** An administrator reads or registers reference values. */
        REFERENCE_VALUE
    }

    public AuditRecord {
        requireNonNull(time, "time is null");
        requireNonNull(action, "action is null");
        requireNonNull(session, "session is null");
        requireNonNull(tee, "tee is null");
        requireNonNull(keyThumbprint, "keyThumbprint is null");
        requireNonNull(resource, "resource is null");
        requireNonNull(administrator, "administrator is null");
        requireNonNull(reason, "reason is null");
    }

    /** The record as a line of an audit file has it; what is absent is left out. */
    public JsonObject toJson() {
        JsonObject.Builder json = JsonObject.builder()
                .put("time", time.toString())
                .put("action", action.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .put("allowed", allowed);
        session.ifPresent(text -> json.put("session", text));
        tee.ifPresent(text -> json.put("tee", text));
        keyThumbprint.ifPresent(text -> json.put("key", text));
        resource.ifPresent(text -> json.put("resource", text));
        administrator.ifPresent(text -> json.put("administrator", text));
        return json.put("reason", reason).build();
    }
}
