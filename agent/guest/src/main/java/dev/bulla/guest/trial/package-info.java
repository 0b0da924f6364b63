/**
 * Judges images by a tenant's policy without pulling them, for {@code bulla policy eval} and {@code bulla policy test}:
 * {@link dev.bulla.guest.trial.PolicyTrial} judges one image, {@link dev.bulla.guest.trial.TrialCase} is a row of a tenant's
 * table. Nothing that it says lets an image run.
 */
@NullMarked
package dev.bulla.guest.trial;

import org.jspecify.annotations.NullMarked;
