/**
 * Reads a tenant's policy for the tenant, before it is used: {@link dev.bulla.policy.lint.PolicyLint} finds what does not
 * say what it seems to say, {@link dev.bulla.policy.lint.PolicyExplanation} says what would be asked of an image.
 *
 * <p>Both look at the text of a policy that the grammar has accepted, so they know of every requirement type at least its
 * name, its keys and the requirements within it. Nothing of it decides about an image.
 */
@NullMarked
package dev.bulla.policy.lint;

import org.jspecify.annotations.NullMarked;
