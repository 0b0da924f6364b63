/** What the guest keeps beside the object store: what backs it, and the records of the images that were pulled. */
@NullMarked
package dev.bulla.guest.store;

import org.jspecify.annotations.NullMarked;
