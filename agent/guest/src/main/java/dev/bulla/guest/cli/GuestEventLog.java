package dev.bulla.guest.cli;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.client.MeasurementWatch;
import dev.bulla.attestation.client.eventlog.AaelEvent;
import dev.bulla.attestation.client.eventlog.EventLog;
import dev.bulla.attestation.client.eventlog.EventLogException;
import dev.bulla.attestation.client.eventlog.MeasurementRegisters;
import dev.bulla.attestation.client.eventlog.RuntimeMeasurement;
import dev.bulla.attestation.client.evidence.Attester;
import dev.bulla.attestation.protocol.Tee;
import dev.bulla.oci.json.JsonObject;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The event log that a command line names: measured in the TEE's registers where the TEE that is named offers them, else in
 * simulated ones.
 *
 * @param file the log
 * @param attester the TEE, if one is named
 * @param watch who hears of each register of the TEE that was extended
 */
record GuestEventLog(Path file, Optional<Attester> attester, MeasurementWatch watch) implements RuntimeMeasurement {
    private static final String SIMULATED = "simulated";

    GuestEventLog {
        requireNonNull(file, "file is null");
        requireNonNull(attester, "attester is null");
        requireNonNull(watch, "watch is null");
    }

    /**
     * The log.
     *
     * @throws CommandException when the evidence would carry a log that nothing has measured
     */
    static GuestEventLog of(Path file, Optional<Attester> attester, MeasurementWatch watch) throws CommandException {
        GuestEventLog log = new GuestEventLog(file, attester, watch);
        if (log.register().equals(SIMULATED)
                && attester.map(Attester::tee).filter(Tee.TDX::equals).isPresent()) {
            throw new CommandException(
                    ExitCode.KEYS,
                    "--event-log: this kernel offers no registers of tdx, whose evidence carries the log: expected Linux"
                            + " 6.16 or later");
        }
        return log;
    }

    private Optional<MeasurementRegisters> registers() {
        return attester.flatMap(Attester::registers).filter(MeasurementRegisters::measured);
    }

    /** Whose register measures: the TEE's name, or {@code simulated}. */
    private String register() {
        return registers().isPresent() ? attester.orElseThrow().tee().wireName() : SIMULATED;
    }

    /** Opens the log for this event, and no longer: another program may be waiting to write its own. */
    @Override
    public Result record(AaelEvent event, OptionalInt pcr) throws EventLogException {
        Optional<MeasurementRegisters> registers = registers();
        if (registers.isEmpty()) {
            try (EventLog open = EventLog.openSimulated(file, EventLog.DEFAULT_PCR)) {
                return open.record(event, pcr);
            }
        }
        try (EventLog open = EventLog.open(file, EventLog.DEFAULT_PCR, registers.get())) {
            return open.record(event, pcr);
        } finally {
            // After a failure too: the register may have been extended all the same.
            watch.measured(pcr.orElse(EventLog.DEFAULT_PCR));
        }
    }

    /** What the result says of it, in one line. */
    String line() {
        String register = register();
        return file + ", measured in a "
                + (register.equals(SIMULATED) ? "simulated register: proves nothing" : "register of " + register);
    }

    /** The same in JSON. */
    JsonObject json() {
        return JsonObject.builder()
                .put("file", file.toString())
                .put("register", register())
                .build();
    }
}
