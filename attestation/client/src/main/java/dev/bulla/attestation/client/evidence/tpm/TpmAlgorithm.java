package dev.bulla.attestation.client.evidence.tpm;

/** The algorithms we name, by TCG's numbers. */
final class TpmAlgorithm {
    static final int RSA = 0x0001;
    static final int SHA256 = 0x000B;
    static final int NULL = 0x0010;
    static final int RSASSA = 0x0014;

    private TpmAlgorithm() {}
}
