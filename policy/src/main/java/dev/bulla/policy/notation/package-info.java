/**
 * Notation signatures: JWS and COSE envelopes over an image's descriptor, the certificates that carry them, trust policies.
 * Spec: notaryproject/specifications, signature-specification.md, signature-envelope-jws.md, signature-envelope-cose.md,
 * trust-store-trust-policy.md.
 */
@NullMarked
package dev.bulla.policy.notation;

import org.jspecify.annotations.NullMarked;
