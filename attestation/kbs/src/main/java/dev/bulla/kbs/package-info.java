/**
 * An embedded KBS: attests guests by RCAR 0.4.0 and releases resources to them, with Trustee's messages, statuses and error
 * bodies, in the same process as a test, a quickstart or a developer's {@code kbs serve}.
 *
 * <p>{@link dev.bulla.kbs.EmbeddedKbs} starts one. It is stricter than Trustee where Trustee is lax: a nonce answers once,
 * unknown members of a key are refused, administrators are denied unless one is configured, and resources go only to guests
 * whose appraisal is affirming unless another {@link dev.bulla.kbs.policy.ResourcePolicy} is set.
 */
@NullMarked
package dev.bulla.kbs;

import org.jspecify.annotations.NullMarked;
