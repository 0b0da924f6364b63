/**
 * Verifies evidence: one {@link dev.bulla.kbs.evidence.Verifier} a kind of TEE, offline and in pure Java.
 *
 * <p><b>Security.</b> Everything here reads what an unattested guest sent. A verifier parses, verifies and compares before it
 * states a claim, and gives {@link dev.bulla.kbs.evidence.VerifiedEvidence} or throws.
 */
@NullMarked
package dev.bulla.kbs.evidence;

import org.jspecify.annotations.NullMarked;
