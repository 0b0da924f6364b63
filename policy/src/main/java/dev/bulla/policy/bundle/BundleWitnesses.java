package dev.bulla.policy.bundle;

import dev.bulla.policy.bundle.SigstoreBundle.LogEntry;
import dev.bulla.policy.bundle.TrustedRoot.CertificateAuthority;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * When a signature was made, by every trusted log and authority that says so.
 *
 * @param times the times, each signed by a witness; may be empty
 */
record BundleWitnesses(Set<Instant> times) {
    BundleWitnesses {
        times = Set.copyOf(times);
    }

    /**
     * Verifies the bundle's entries and time stamps.
     *
     * @param log whether a trusted log must have an entry; else entries are not looked at
     * @param timestamp whether a trusted authority must have stamped it
     */
    static BundleWitnesses verify(
            SigstoreBundle bundle, SignedContent content, TrustedRoot root, boolean log, boolean timestamp)
            throws SignatureRejectedException {
        Stamps stamps = stamped(bundle, content, root);
        Set<Instant> times = new TreeSet<>(stamps.times());
        if (timestamp && times.isEmpty()) {
            throw new SignatureRejectedException(SignatureCheck.TIMESTAMP, stamps.none());
        }
        if (log) {
            List<LogWitness> logs = logged(bundle, content, root);
            for (LogWitness witness : logs) {
                witness.time().ifPresent(times::add);
            }
            for (LogWitness witness : logs) {
                if (witness.time().isEmpty()) {
                    requireTimes(witness, times, stamps.none());
                }
            }
        }
        return new BundleWitnesses(times);
    }

    /** A log that signs no time of its own: others say when, and its key must have been in use then. */
    private static void requireTimes(LogWitness witness, Set<Instant> times, String otherwise)
            throws SignatureRejectedException {
        if (times.isEmpty()) {
            throw new SignatureRejectedException(
                    SignatureCheck.TIMESTAMP,
                    "the log " + witness.log().name() + " has signed no time, and there is " + otherwise);
        }
        for (Instant time : times) {
            witness.log().requireValid(time);
        }
    }

    private static List<LogWitness> logged(SigstoreBundle bundle, SignedContent content, TrustedRoot root)
            throws SignatureRejectedException {
        List<LogWitness> witnesses = new ArrayList<>();
        for (LogEntry entry : bundle.entries()) {
            if (root.logs().stream().anyMatch(log -> log.hasId(entry.logId()))) {
                witnesses.add(LogWitness.verify(entry, bundle.version(), content, root));
            }
        }
        if (witnesses.isEmpty()) {
            throw new SignatureRejectedException(
                    SignatureCheck.LOG, "none of " + bundle.entries().size() + " log entries is of a trusted log");
        }
        return witnesses;
    }

    /**
     * What time stamps say.
     *
     * @param times the times of those that a trusted authority made
     * @param failures why others are not
     */
    private record Stamps(Set<Instant> times, List<String> failures) {

        /** That there is none, and why. */
        String none() {
            return "no time stamp of a trusted authority"
                    + (failures.isEmpty() ? "" : " (" + failures.getFirst() + ")");
        }
    }

    private static Stamps stamped(SigstoreBundle bundle, SignedContent content, TrustedRoot root)
            throws SignatureRejectedException {
        Set<Instant> times = new TreeSet<>();
        List<String> failures = new ArrayList<>();
        for (byte[] response : bundle.timestamps()) {
            TimeStamp timestamp = TimeStamp.parse(response);
            timestamp.requireImprintOf(content.signature());
            for (CertificateAuthority authority : root.timestampAuthorities()) {
                try {
                    timestamp.verify(authority);
                    times.add(timestamp.time());
                } catch (SignatureRejectedException e) {
                    failures.add(e.getMessage());
                }
            }
        }
        return new Stamps(times, failures);
    }

    Optional<Instant> earliest() {
        return times.stream().min(Instant::compareTo);
    }
}
