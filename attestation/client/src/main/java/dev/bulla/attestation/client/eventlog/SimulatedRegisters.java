package dev.bulla.attestation.client.eventlog;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.protocol.HashAlgorithm;
import dev.bulla.attestation.protocol.eventlog.EventLogReplay;
import java.util.HashMap;
import java.util.Map;

/**
 * Registers in this process's memory, all zero at first.
 *
 * <p><b>Security.</b> They prove nothing: whoever runs the process sets them. They exist where somebody asked for a log on a
 * machine without a TEE.
 */
final class SimulatedRegisters implements MeasurementRegisters {
    private final HashAlgorithm algorithm;
    private final RegisterMapping mapping;
    private final Map<Integer, byte[]> values = new HashMap<>();

    /** Registers of this hash, numbered in this way. */
    SimulatedRegisters(HashAlgorithm algorithm, RegisterMapping mapping) {
        this.algorithm = requireNonNull(algorithm, "algorithm is null");
        this.mapping = requireNonNull(mapping, "mapping is null");
    }

    @Override
    public boolean measured() {
        return false;
    }

    @Override
    public HashAlgorithm algorithm() {
        return algorithm;
    }

    @Override
    public int logIndex(int pcr) throws EventLogException {
        return mapping.logIndex(pcr);
    }

    @Override
    public byte[] read(int pcr) throws EventLogException {
        return readLogged(logIndex(pcr));
    }

    @Override
    public void extend(int pcr, byte[] digest) throws EventLogException {
        extendLogged(logIndex(pcr), digest);
    }

    /** What the register holds that a log calls so. */
    synchronized byte[] readLogged(int index) {
        byte[] value = values.get(index);
        return value == null ? new byte[EventEntry.length(algorithm)] : value.clone();
    }

    /** Extends the register that a log calls so. */
    synchronized void extendLogged(int index, byte[] digest) {
        values.put(index, EventLogReplay.extend(algorithm, readLogged(index), digest));
    }
}
