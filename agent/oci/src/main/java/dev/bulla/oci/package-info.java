/**
 * The OCI vocabulary that every room shares: digests, references, descriptors, manifests, indexes, image
 * configurations, media types, strict JSON, and {@link dev.bulla.oci.ResourceSource}, the one door to a tenant's
 * resources. Knows no other room.
 *
 * <p>Follows the OCI image specification 1.1 and the distribution project's reference grammar.
 */
@NullMarked
package dev.bulla.oci;

import org.jspecify.annotations.NullMarked;
