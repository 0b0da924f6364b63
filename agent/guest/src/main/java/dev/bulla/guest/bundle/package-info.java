/** The OCI runtime bundle: the mounted root file system and the {@code config.json} that a runtime starts it by. */
@NullMarked
package dev.bulla.guest.bundle;

import org.jspecify.annotations.NullMarked;
