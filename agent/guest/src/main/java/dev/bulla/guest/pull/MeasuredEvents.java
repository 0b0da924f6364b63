package dev.bulla.guest.pull;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.client.eventlog.AaelEvent;
import dev.bulla.attestation.client.eventlog.EventLogException;
import dev.bulla.attestation.client.eventlog.RuntimeMeasurement;
import dev.bulla.oci.Digest;
import java.util.OptionalInt;

/** Logs and measures what a pull is about to do, in the log's own register. */
public final class MeasuredEvents implements PullEvents {
    private final RuntimeMeasurement measurement;

    public MeasuredEvents(RuntimeMeasurement measurement) {
        this.measurement = requireNonNull(measurement, "measurement is null");
    }

    @Override
    public void policy(Digest policy) throws EventLogException {
        record(AaelEvent.policy(policy));
    }

    @Override
    public void image(String name, Digest manifest) throws EventLogException {
        record(AaelEvent.pullImage(name, manifest));
    }

    /** A TEE without registers, or a guest without a log, is its configuration's choice and stops no pull. */
    private void record(AaelEvent event) throws EventLogException {
        RuntimeMeasurement.Result unused = measurement.record(event, OptionalInt.empty());
    }
}
