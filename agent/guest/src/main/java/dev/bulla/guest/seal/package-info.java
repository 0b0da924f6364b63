/**
 * Seals on their way through a pull: what an image's seals say is compared with what its layers and documents are, and with
 * what policy requires.
 */
@NullMarked
package dev.bulla.guest.seal;

import org.jspecify.annotations.NullMarked;
