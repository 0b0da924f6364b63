/**
 * The tenant's policy: its grammar, scopes and signatures, and the decision with its reasons.
 *
 * <p>The grammar is containers-policy.json(5)'s, plus one top-level section of our own, {@code "bulla"}, which stock
 * parsers refuse instead of ignoring. {@link dev.bulla.policy.Policy} is a parsed file;
 * {@link dev.bulla.policy.PolicyEvaluator} judges an image by it: first the requirements of the one scope that matches,
 * then the matrix of signed and encrypted. What passes is a {@link dev.bulla.policy.PendingDecision}, which becomes an
 * {@link dev.bulla.policy.AcceptedDecision} when it is told how the layers were opened; everything else is a
 * {@link dev.bulla.policy.PolicyRejectedException} with the same complete account.
 *
 * <p><b>Security.</b> Whatever is unknown, unreadable or not evaluated yet denies. The image is judged under the name
 * that the tenant gave it, never a mirror's. Signatures come from the adversary's registry through
 * {@link dev.bulla.policy.SignatureSource} and are bounded, verified and only then read.
 */
@NullMarked
package dev.bulla.policy;

import org.jspecify.annotations.NullMarked;
