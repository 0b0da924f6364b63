/** Where the signatures on an image come from: the registry or layout that has the image, and stores beside registries. */
@NullMarked
package dev.bulla.guest.signature;

import org.jspecify.annotations.NullMarked;
