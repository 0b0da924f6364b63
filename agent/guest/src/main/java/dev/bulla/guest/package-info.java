/**
 * The guest agent: the pull itself, and its command line.
 */
@NullMarked
package dev.bulla.guest;

import org.jspecify.annotations.NullMarked;
