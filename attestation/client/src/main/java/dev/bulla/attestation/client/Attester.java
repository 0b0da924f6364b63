package dev.bulla.attestation.client;

import dev.bulla.attestation.protocol.Tee;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonValue;

/** Makes the evidence of this guest's TEE. */
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
     * The attester that is called by this name; there is no default and no detection.
     *
     * @param name {@code sample}
     * @throws KbsConfigurationException when there is none of that name
     */
    static Attester named(String name) throws KbsConfigurationException {
        if (name.equals(Tee.SAMPLE.wireName())) {
            return new SampleAttester();
        }
        throw new KbsConfigurationException("TEE " + Quoted.text(name) + ": expected \"sample\"");
    }
}
