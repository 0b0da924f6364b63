/**
 * Verifies Intel TDX evidence, offline: a quote of version 4 or 5, its certificates, its event log, and where the operator has
 * supplied Intel's collateral, the level of the platform's trusted computing base.
 *
 * <p>{@link dev.bulla.kbs.evidence.tdx.TdxVerifier} is the verifier; {@link dev.bulla.kbs.evidence.tdx.TdxCollateral} is what an
 * operator supplies. Sources: Intel TDX DCAP Quoting Library API, appendix "Quote Format"; Intel SGX PCK Certificate and
 * Certificate Revocation List Profile; Intel's Provisioning Certification Service API, version 4.
 *
 * <p><b>Security.</b> Everything rests on the key of Intel's SGX root, which is a resource of this package. The host chooses
 * every byte of evidence; nothing of it is claimed before the quote's signature, the quoting enclave's, the enclave's identity
 * and the certificates are verified.
 */
@NullMarked
package dev.bulla.kbs.evidence.tdx;

import org.jspecify.annotations.NullMarked;
