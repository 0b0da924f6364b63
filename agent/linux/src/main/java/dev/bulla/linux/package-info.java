/**
 * System calls through the foreign function interface: the only place that uses java.lang.foreign.
 */
@NullMarked
package dev.bulla.linux;

import org.jspecify.annotations.NullMarked;
