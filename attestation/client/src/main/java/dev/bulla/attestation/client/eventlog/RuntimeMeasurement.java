package dev.bulla.attestation.client.eventlog;

import java.util.OptionalInt;

/** Takes events of the guest, as the Attestation Agent's service {@code ExtendRuntimeMeasurement} does. */
public interface RuntimeMeasurement {

    /** What became of an event; by the numbers 0, 1 and 2 of the service's messages. */
    enum Result {
        /** It is logged and measured. */
        OK,
        /** This TEE has no register for it; it is not logged either. */
        NOT_SUPPORTED,
        /** Nobody asked for a log. */
        NOT_ENABLED
    }

    /**
     * Logs and measures an event; when it returns {@link Result#OK}, both is done and on the disk.
     *
     * @param event the event
     * @param pcr which PCR is asked for, from 0 to 23; the log's own where none is
     * @throws EventLogException when that fails; what the event announces must then not happen
     */
    Result record(AaelEvent event, OptionalInt pcr) throws EventLogException;

    /** Takes an event and does nothing: this TEE has no registers, or nobody asked for a log. */
    static RuntimeMeasurement none(Result result) {
        if (result == Result.OK) {
            throw new IllegalArgumentException("an event that goes nowhere is not measured");
        }
        return (event, pcr) -> result;
    }
}
