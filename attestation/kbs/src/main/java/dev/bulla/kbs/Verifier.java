package dev.bulla.kbs;

import dev.bulla.attestation.protocol.Tee;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;

/** Verifies the evidence of one kind of TEE. */
interface Verifier {

    /** The kind of TEE. */
    Tee tee();

    /**
     * Verifies evidence.
     *
     * @param evidence the evidence in its kind's shape
     * @param reportData what it must carry
     * @return what the evidence claims, as the token states it
     * @throws EvidenceException when it is malformed, not genuine, or carries something else
     */
    Claims verify(JsonValue evidence, byte[] reportData) throws EvidenceException;

    /**
     * What verified evidence claims.
     *
     * @param reportData the report data's text in the token
     * @param tee the kind's own claims
     */
    record Claims(String reportData, JsonObject tee) {}
}
