package dev.bulla.policy.bundle;

import dev.bulla.oci.json.JsonNumber;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonWriter;
import dev.bulla.policy.bundle.SigstoreBundle.LogEntry;
import dev.bulla.policy.bundle.SigstoreBundle.Version;
import dev.bulla.policy.bundle.TrustedRoot.TransparencyLog;
import dev.bulla.policy.signature.SignatureCheck;
import dev.bulla.policy.signature.SignatureRejectedException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * An entry that a trusted log has, verified by its promise (signed entry timestamp), its proof of inclusion, or both.
 *
 * @param log the log
 * @param time when it was logged, where the log has signed that
 */
record LogWitness(TransparencyLog log, Optional<Instant> time) {
    private static final long MAX_SECONDS = Instant.MAX.getEpochSecond();

    /**
     * Verifies an entry.
     *
     * @param version the bundle's version, which says what an entry must have
     */
    static LogWitness verify(LogEntry entry, Version version, SignedContent signed, TrustedRoot root)
            throws SignatureRejectedException {
        List<TransparencyLog> logs =
                root.logs().stream().filter(log -> log.hasId(entry.logId())).toList();
        if (logs.isEmpty()) {
            throw refused("no trusted log has the id " + HexFormat.of().formatHex(entry.logId()));
        }
        Optional<SignatureRejectedException> first = Optional.empty();
        for (TransparencyLog log : logs) {
            try {
                return verify(entry, version, signed, log);
            } catch (SignatureRejectedException e) {
                first = first.or(() -> Optional.of(e));
            }
        }
        throw first.orElseThrow();
    }

    private static LogWitness verify(LogEntry entry, Version version, SignedContent signed, TransparencyLog log)
            throws SignatureRejectedException {
        SignatureKey key = log.key().orElseThrow(() -> refused("the key of " + log.name() + " is of an unknown kind"));
        Optional<Instant> time = Optional.empty();
        if (entry.promise().isPresent()) {
            key.verify(
                    promised(entry), entry.promise().get(), SignatureCheck.LOG, "the log entry's place, time and body");
            Instant integrated = Instant.ofEpochSecond(Math.min(entry.integratedTime(), MAX_SECONDS));
            log.requireValid(integrated);
            time = Optional.of(integrated);
        } else if (version == Version.V0_1) {
            throw refused("no promise of the log (signed entry timestamp), which a bundle of v0.1 must have");
        }
        if (entry.proof().isPresent()) {
            entry.proof().get().verifyWay(entry.body());
            if (version != Version.V0_1 || entry.proof().get().checkpoint().isPresent()) {
                entry.proof().get().verifyCheckpoint(log, key);
            }
        } else if (version != Version.V0_1) {
            throw refused("no proof of inclusion, which a bundle from v0.2 must have");
        }
        LogEntryBody.verify(entry, signed);
        return new LogWitness(log, time);
    }

    /** What the promise signs: these members in canonical JSON. */
    private static byte[] promised(LogEntry entry) {
        return JsonWriter.compact(JsonObject.builder()
                        .put("body", new JsonString(Base64.getEncoder().encodeToString(entry.body())))
                        .put("integratedTime", JsonNumber.of(entry.integratedTime()))
                        .put("logID", new JsonString(HexFormat.of().formatHex(entry.logId())))
                        .put("logIndex", JsonNumber.of(entry.index()))
                        .build())
                .getBytes(StandardCharsets.UTF_8);
    }

    private static SignatureRejectedException refused(String problem) {
        return new SignatureRejectedException(SignatureCheck.LOG, problem);
    }
}
