package dev.bulla.kbs.evidence.tdx;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * What Intel publishes about a kind of platform, as an operator has fetched it from Intel's Provisioning Certification Service
 * or a cache of it. Nothing of it is believed before its signatures are verified.
 *
 * @param tcbInfo the body of {@code GET /tdx/certification/v4/tcb?fmspc=…}, byte for byte
 * @param tcbInfoChain the PEM chain of its header {@code TCB-Info-Issuer-Chain}, percent-decoded
 * @param qeIdentity the body of {@code GET /tdx/certification/v4/qe/identity}, byte for byte
 * @param qeIdentityChain the PEM chain of its header {@code SGX-Enclave-Identity-Issuer-Chain}, percent-decoded
 * @param pckCrl the revocation list of the CA that issued the platform's PCK certificate, DER or PEM, where there is one
 * @param rootCrl the revocation list of Intel's root, DER or PEM, where there is one
 */
@SuppressWarnings("ArrayRecordComponent") // verified by one verifier; never compared
public record TdxCollateral(
        byte[] tcbInfo,
        byte[] tcbInfoChain,
        byte[] qeIdentity,
        byte[] qeIdentityChain,
        Optional<byte[]> pckCrl,
        Optional<byte[]> rootCrl) {
    /** How long a document may be. */
    public static final int MAX_DOCUMENT_BYTES = 1 << 20;

    /** How long a revocation list may be. */
    public static final int MAX_CRL_BYTES = 4 << 20;

    public TdxCollateral {
        requireNonNull(tcbInfo, "tcbInfo is null");
        requireNonNull(tcbInfoChain, "tcbInfoChain is null");
        requireNonNull(qeIdentity, "qeIdentity is null");
        requireNonNull(qeIdentityChain, "qeIdentityChain is null");
        requireNonNull(pckCrl, "pckCrl is null");
        requireNonNull(rootCrl, "rootCrl is null");
    }
}
