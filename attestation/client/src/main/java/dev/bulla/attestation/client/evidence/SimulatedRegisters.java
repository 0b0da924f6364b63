package dev.bulla.attestation.client.evidence;

import static java.util.Objects.requireNonNull;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.bulla.attestation.protocol.HashAlgorithm;
import java.util.Arrays;

/**
 * Registers in this process's memory, which begin with zeros.
 *
 * <p><b>Security.</b> They prove nothing: whoever runs the process may set them, and they end with it.
 */
public final class SimulatedRegisters implements RuntimeRegisters {
    private final HashAlgorithm algorithm;

    @GuardedBy("this")
    private final byte[][] values = new byte[MAX_PCR + 1][];

    public SimulatedRegisters(HashAlgorithm algorithm) {
        this.algorithm = requireNonNull(algorithm, "algorithm is null");
        Arrays.setAll(values, pcr -> new byte[algorithm.digest(new byte[0]).length]);
    }

    @Override
    public HashAlgorithm algorithm() {
        return algorithm;
    }

    @Override
    public int logIndex(int pcr) {
        RegisterArguments.check(pcr);
        return pcr;
    }

    @Override
    public synchronized byte[] read(int pcr) {
        RegisterArguments.check(pcr);
        return values[pcr].clone();
    }

    @Override
    public synchronized void extend(int pcr, byte[] digest) {
        RegisterArguments.check(pcr, algorithm, digest);
        byte[] old = values[pcr];
        byte[] both = Arrays.copyOf(old, old.length + digest.length);
        System.arraycopy(digest, 0, both, old.length, digest.length);
        values[pcr] = algorithm.digest(both);
    }
}
