package dev.bulla.attestation.client;

/** Is told what the guest measures. */
@FunctionalInterface
public interface MeasurementWatch {
    /**
     * Something was measured: evidence from before does not show it.
     *
     * @param register the register that was extended
     */
    void measured(int register);
}
