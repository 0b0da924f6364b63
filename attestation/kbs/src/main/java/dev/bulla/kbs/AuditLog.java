package dev.bulla.kbs;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** The records of one KBS, in order; the oldest go when there are more than {@link #CAPACITY}. */
final class AuditLog {
    static final int CAPACITY = 65_536;

    private final InstantSource time;

    @GuardedBy("this")
    private final Deque<AuditRecord> records = new ArrayDeque<>();

    AuditLog(InstantSource time) {
        this.time = time;
    }

    synchronized void append(
            AuditRecord.Action action,
            boolean allowed,
            Optional<AttestationSession> session,
            Optional<String> keyThumbprint,
            Optional<String> resource,
            String reason) {
        if (records.size() == CAPACITY) {
            records.removeFirst();
        }
        records.addLast(new AuditRecord(
                time.instant(),
                action,
                allowed,
                session.map(AttestationSession::publicName),
                session.map(s -> s.tee().wireName()),
                keyThumbprint,
                resource,
                reason));
    }

    synchronized List<AuditRecord> records() {
        return List.copyOf(records);
    }
}
