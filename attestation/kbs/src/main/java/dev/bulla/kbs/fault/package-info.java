/** Faults that a test orders from a KBS, to see what a client makes of them. Off unless a plan is given to the builder. */
@NullMarked
package dev.bulla.kbs.fault;

import org.jspecify.annotations.NullMarked;
