/**
 * The distribution client: where the bytes of an image come from.
 */
@NullMarked
package dev.bulla.registry;

import org.jspecify.annotations.NullMarked;
