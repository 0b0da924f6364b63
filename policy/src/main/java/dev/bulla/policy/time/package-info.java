/** What time it can be in a guest whose host sets the clock. */
@NullMarked
package dev.bulla.policy.time;

import org.jspecify.annotations.NullMarked;
