package dev.bulla.attestation.client.evidence;

/** Whether the evidence of a TEE speaks for the initdata of its guest. */
public enum InitDataBinding {
    /** The TEE's evidence carries the digest of this very initdata. */
    BOUND,
    /** This kind of evidence does not carry it. */
    NOT_OFFERED
}
