/**
 * An embedded KBS.
 */
@NullMarked
package dev.bulla.kbs;

import org.jspecify.annotations.NullMarked;
