/**
 * Policies in Rego: the subset of the language that Trustee's policies and their users' are written in.
 *
 * <p>A {@link dev.bulla.kbs.rego.RegoModule} is parsed, resolved and planned once; whatever is not of the subset is refused
 * then, with line and column. Evaluating a module only ever gives a value, none, or a refusal, within a budget of steps.
 */
@NullMarked
package dev.bulla.kbs.rego;

import org.jspecify.annotations.NullMarked;
