package dev.bulla.attestation.client.evidence;

import dev.bulla.attestation.client.EvidenceUnavailableException;
import dev.bulla.attestation.client.InitDataMismatchException;
import dev.bulla.attestation.client.eventlog.MeasurementRegisters;
import dev.bulla.attestation.protocol.InitDataDocument;
import dev.bulla.attestation.protocol.Tee;
import dev.bulla.oci.json.JsonValue;
import java.util.Optional;

/**
 * Makes the evidence of this guest's TEE.
 *
 * <p>Several threads may use it. What a kind does not offer it says by its answer: nothing here pretends.
 */
public interface Attester {

    /** The kind of TEE. */
    Tee tee();

    /**
     * Makes evidence.
     *
     * @param reportData what the evidence must carry: a hash of 32, 48 or 64 bytes
     * @return the evidence in the shape of its kind
     * @throws EvidenceUnavailableException when the TEE does not give any
     */
    JsonValue evidence(byte[] reportData) throws EvidenceUnavailableException;

    /**
     * Compares initdata with what the TEE measured when the guest was started, or binds it now where the kind binds it in
     * the guest. To be called once at start, before anything of the initdata is used; calling it again is harmless.
     *
     * <p><b>Security.</b> {@link InitDataBinding#BOUND} says that the host did not change the initdata since the start, not
     * that the tenant chose it: that is for the KBS, which sees the same digest. {@link InitDataBinding#NOT_OFFERED} leaves
     * it what it was: the host's choice.
     *
     * @return whether this kind binds initdata at all
     * @throws InitDataMismatchException when the TEE measured other initdata
     * @throws EvidenceUnavailableException when the TEE does not say what it measured
     */
    default InitDataBinding checkInitData(InitDataDocument initData)
            throws EvidenceUnavailableException, InitDataMismatchException {
        return InitDataBinding.NOT_OFFERED;
    }

    /**
     * The registers of this TEE into which events at run time are measured; empty where the kind, or this kernel, offers
     * none.
     */
    default Optional<MeasurementRegisters> registers() {
        return Optional.empty();
    }
}
