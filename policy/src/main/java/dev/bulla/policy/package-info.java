/**
 * The tenant's policy: its grammar, scopes and signatures, and the decision with its reasons.
 */
@NullMarked
package dev.bulla.policy;

import org.jspecify.annotations.NullMarked;
