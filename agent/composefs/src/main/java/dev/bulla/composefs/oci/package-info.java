/**
 * OCI images in a store as composefs-rs keeps them: manifest, config and layers are streams, each named by its own digest,
 * and a tag leads to a manifest.
 *
 * <pre>
 * streams/oci-manifest-sha256:…   its JSON; names the config's stream and the layers'
 * streams/oci-config-sha256:…     its JSON; names the layers' streams by their diff_ids, and images made of them
 * streams/oci-layer-sha256:…      the tar of a layer, by its diff_id
 * streams/refs/oci/&lt;name&gt;        a symbolic link to ../../oci-manifest-sha256:…
 * </pre>
 *
 * <p>The format is shared, the trust is not: nothing is what it is here called until its bytes have been hashed.
 */
@NullMarked
package dev.bulla.composefs.oci;

import org.jspecify.annotations.NullMarked;
