package dev.bulla.kbs;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.bulla.kbs.audit.AuditException;
import dev.bulla.kbs.audit.AuditFile;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The records of one KBS, in order; in memory the oldest go when there are more than {@link #CAPACITY}. Where there is a file,
 * a record is in it before its request is answered, and a request that cannot be recorded is refused.
 */
final class AuditLog {
    static final int CAPACITY = 65_536;

    private final InstantSource time;
    private final Optional<AuditFile> file;

    @GuardedBy("this")
    private final Deque<AuditRecord> records = new ArrayDeque<>();

    @GuardedBy("this")
    private final Map<AuditRecord.Action, long[]> counts = new EnumMap<>(AuditRecord.Action.class);

    AuditLog(InstantSource time, Optional<AuditFile> file) {
        this.time = time;
        this.file = file;
    }

    /** What a record says besides when. */
    record Entry(
            AuditRecord.Action action,
            Optional<AttestationSession> session,
            Optional<String> keyThumbprint,
            Optional<String> resource,
            Optional<String> administrator) {

        static Entry of(AuditRecord.Action action) {
            return new Entry(action, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
        }

        static Entry ofGuest(
                AuditRecord.Action action, Optional<AttestationSession> session, Optional<String> keyThumbprint) {
            return new Entry(action, session, keyThumbprint, Optional.empty(), Optional.empty());
        }

        Entry about(String subject) {
            return new Entry(action, session, keyThumbprint, Optional.of(subject), administrator);
        }

        Entry by(String role) {
            return new Entry(action, session, keyThumbprint, resource, Optional.of(role));
        }
    }

    /** It was done. */
    void allowed(Entry entry, String reason) throws KbsRefusal {
        append(entry, true, reason);
    }

    /** It was refused: the refusal, to be thrown. */
    KbsRefusal refused(Entry entry, KbsRefusal refusal) throws KbsRefusal {
        append(entry, false, refusal.reason());
        return refusal;
    }

    private synchronized void append(Entry entry, boolean allowed, String reason) throws KbsRefusal {
        AuditRecord record = new AuditRecord(
                time.instant(),
                entry.action(),
                allowed,
                entry.session().map(AttestationSession::publicName),
                entry.session().map(s -> s.tee().wireName()),
                entry.keyThumbprint(),
                entry.resource(),
                entry.administrator(),
                reason);
        if (file.isPresent()) {
            try {
                file.get().append(record.toJson());
            } catch (AuditException e) {
                throw new KbsRefusal(ErrorVariant.INTERNAL_ERROR, "internal error", e.getMessage());
            }
        }
        if (records.size() == CAPACITY) {
            records.removeFirst();
        }
        records.addLast(record);
        counts.computeIfAbsent(entry.action(), action -> new long[2])[allowed ? 1 : 0]++;
    }

    synchronized List<AuditRecord> records() {
        return List.copyOf(records);
    }

    /** How many records of that action there were, allowed or refused. */
    synchronized long count(AuditRecord.Action action, boolean allowed) {
        long[] both = counts.get(action);
        return both == null ? 0 : both[allowed ? 1 : 0];
    }
}
