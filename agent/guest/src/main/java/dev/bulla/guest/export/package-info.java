/**
 * What goes out of the store again: layers as the tar archives they were, images as files.
 *
 * <p>{@link dev.bulla.guest.export.StoredLayers} finds a layer, as a splitstream or as a {@linkplain dev.bulla.guest.delta
 * delta}; {@link dev.bulla.guest.export.ImageArchive} writes an image as an {@code oci-archive} or {@code docker-archive}.
 *
 * <p><b>Security.</b> Nothing of the store is believed: manifest and config are hashed before they are parsed, a layer's bytes
 * against its diff_id, and a file gets its name only when all of them agreed.
 */
@NullMarked
package dev.bulla.guest.export;

import org.jspecify.annotations.NullMarked;
