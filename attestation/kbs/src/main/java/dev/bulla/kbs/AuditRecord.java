package dev.bulla.kbs;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
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
 * @param resource the resource's path, where one was asked for
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
        String reason) {

    /** What a KBS is asked. */
    public enum Action {
        /** A guest asks for a challenge. */
        CHALLENGE,
        /** A guest answers one. */
        ATTEST,
        /** A guest asks for a resource. */
        RELEASE,
        /** An administrator stores or deletes a resource. */
        STORE,
        /** An administrator reads or sets the resource policy. */
        POLICY
    }

    public AuditRecord {
        requireNonNull(time, "time is null");
        requireNonNull(action, "action is null");
        requireNonNull(session, "session is null");
        requireNonNull(tee, "tee is null");
        requireNonNull(keyThumbprint, "keyThumbprint is null");
        requireNonNull(resource, "resource is null");
        requireNonNull(reason, "reason is null");
    }
}
