package dev.bulla.kbs.evidence;

import dev.bulla.attestation.protocol.Tee;
import dev.bulla.oci.json.JsonValue;

/** Verifies the evidence of one kind of TEE. Others than those of this package may be added to a KBS. */
public interface Verifier {

    /** The kind of TEE. */
    Tee tee();

    /**
     * Verifies evidence.
     *
     * @param evidence the evidence in its kind's shape, as it came
     * @param binding what it must carry
     * @return what the evidence claims
     * @throws EvidenceException when it is malformed, not genuine, or carries something else
     */
    VerifiedEvidence verify(JsonValue evidence, EvidenceBinding binding) throws EvidenceException;
}
