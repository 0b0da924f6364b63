package dev.bulla.guest.cli;

import dev.bulla.attestation.client.eventlog.EventLog;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where events are logged. */
final class EventLogOptions {
    @Option(
            names = "--event-log",
            paramLabel = "FILE",
            description =
                    "log the policy and the image there before they count (AAEL, binary TCG2); measured in a register"
                            + " of the TEE that --tee names where it offers one, else in a simulated one, which proves nothing")
    private @Nullable Path file;

    /** Whether one is asked for. */
    boolean given() {
        return file != null;
    }

    /** The log that goes with evidence: this one, or that of an Attestation Agent. */
    Path evidenceLog() {
        return file == null ? EventLog.DEFAULT_FILE : file;
    }

    /** The log, if one is asked for. */
    Optional<GuestEventLog> open(KbsAccess kbs) throws CommandException {
        return file == null ? Optional.empty() : Optional.of(GuestEventLog.of(file, kbs.attester(), kbs.watch()));
    }
}
