package dev.bulla.attestation.client.eventlog;

import static java.util.Objects.requireNonNull;

import dev.bulla.attestation.protocol.HashAlgorithm;
import java.util.HashMap;
import java.util.Map;

/**
 * Registers in this process's memory, all zero at first.
 *
 * <p><b>Security.</b> They prove nothing: whoever runs the process sets them. They exist where somebody asked for a log on a
 * machine without a TEE.
 */
public final class SimulatedRegisters implements MeasurementRegisters {
    private final HashAlgorithm algorithm;
    private final RegisterMapping mapping;
    private final Map<Integer, byte[]> values = new HashMap<>();

    /** Registers of this hash, numbered in this way. */
    public SimulatedRegisters(HashAlgorithm algorithm, RegisterMapping mapping) {
        this.algorithm = requireNonNull(algorithm, "algorithm is null");
        this.mapping = requireNonNull(mapping, "mapping is null");
    }

    @Override
    public HashAlgorithm algorithm() {
        return algorithm;
    }

    @Override
    public RegisterMapping mapping() {
        return mapping;
    }

    @Override
    public boolean measured() {
        return false;
    }

    @Override
    public synchronized byte[] read(int register) {
        byte[] value = values.get(register);
        return value == null ? new byte[EventEntry.length(algorithm)] : value.clone();
    }

    @Override
    public synchronized void extend(int register, byte[] digest) {
        values.put(register, EventEntry.extended(algorithm, read(register), digest));
    }
}
