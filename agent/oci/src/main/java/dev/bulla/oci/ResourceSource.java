package dev.bulla.oci;

import java.net.URI;

/**
 * Gives a tenant's resources (keys, policies, credentials, roots) by URI: {@code kbs:///repository/type/tag} from an
 * attestation service, {@code file:///path} from the guest's own files.
 *
 * <p>It is the one way by which policy, registry and ocicrypt get such resources; the guest wires the attestation client
 * to it.
 *
 * <p><b>Security.</b> What comes back is as trustworthy as its source is; an implementation gives nothing that came over
 * a channel that measured configuration does not pin, except keys.
 */
@FunctionalInterface
public interface ResourceSource {

    /**
     * The resource's bytes, a fresh array that the caller owns and may wipe.
     *
     * @param uri which resource
     * @param limit the most bytes that are taken
     * @throws ResourceException when it is not to be had, or is larger than {@code limit}
     */
    byte[] fetch(URI uri, int limit) throws ResourceException;
}
