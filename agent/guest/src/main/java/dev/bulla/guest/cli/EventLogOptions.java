package dev.bulla.guest.cli;

import dev.bulla.attestation.client.eventlog.EventLog;
import dev.bulla.guest.pull.MeasuredEvents;
import dev.bulla.guest.pull.PullEvents;
import dev.bulla.oci.json.JsonObject;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where events are logged, and what measures them. */
final class EventLogOptions {
    private static final String REGISTER = "simulated";

    @Option(
            names = "--event-log",
            paramLabel = "FILE",
            description = "log the policy and the image there before they count (AAEL, binary TCG2); measured in a"
                    + " simulated register, which proves nothing")
    private @Nullable Path file;

    /** Who is told of the pull's events. */
    PullEvents events() {
        Path log = file;
        if (log == null) {
            return PullEvents.NONE;
        }
        // Opened for each event, and no longer: another program may be waiting to write its own.
        return new MeasuredEvents((event, pcr) -> {
            try (EventLog open = EventLog.openSimulated(log, EventLog.DEFAULT_PCR)) {
                return open.record(event, pcr);
            }
        });
    }

    /** What the result says of it, in one line. */
    Optional<String> line() {
        return Optional.ofNullable(file).map(log -> log + ", measured in a simulated register: proves nothing");
    }

    /** The same in JSON. */
    Optional<JsonObject> json() {
        return Optional.ofNullable(file)
                .map(log -> JsonObject.builder()
                        .put("file", log.toString())
                        .put("register", REGISTER)
                        .build());
    }
}
