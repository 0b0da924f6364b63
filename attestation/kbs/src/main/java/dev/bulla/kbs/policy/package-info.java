/**
 * What a KBS decides: an {@link dev.bulla.kbs.policy.AttestationPolicy} says what evidence is worth, a
 * {@link dev.bulla.kbs.policy.ResourcePolicy} which guests get a resource.
 */
@NullMarked
package dev.bulla.kbs.policy;

import org.jspecify.annotations.NullMarked;
