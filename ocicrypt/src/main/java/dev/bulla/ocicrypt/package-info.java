/**
 * Layer encryption as ocicrypt defines it: key wraps and the layer cipher.
 */
@NullMarked
package dev.bulla.ocicrypt;

import org.jspecify.annotations.NullMarked;
