package dev.bulla.policy;

import dev.bulla.oci.Digest;
import java.io.IOException;
import java.util.List;

/**
 * Where signatures come from; the guest implements it over a registry. It is asked only when a requirement looks at
 * signatures, at most once for each kind and signed object of an evaluation.
 *
 * <p><b>Security.</b> Everything that it gives is the adversary's until it is verified; an implementation bounds what it
 * reads by {@link #MAX_SIGNATURES}, {@link #MAX_SIGNATURE_LENGTH} and {@link #MAX_SIGNATURES_LENGTH}, and the evaluation
 * looks again.
 */
@FunctionalInterface
public interface SignatureSource {

    /** The most signatures of a kind that are taken for one signed object. */
    int MAX_SIGNATURES = 128;

    /** The most bytes of one signature. */
    int MAX_SIGNATURE_LENGTH = 4 * 1024 * 1024;

    /** The most bytes of all signatures of a kind on one signed object. */
    int MAX_SIGNATURES_LENGTH = 8 * 1024 * 1024;

    /** A source that has none. */
    SignatureSource NONE = (kind, signedObject) -> List.of();

    /**
     * The signatures of a kind on that manifest or index, in their order; empty when there is none.
     *
     * @param kind what they are stored as
     * @param signedObject the digest of the manifest or index
     * @throws IOException when it cannot be known whether there are any; the evaluation ends with it
     * @throws PolicyException when what is there is no such signature; the evaluation ends with it
     */
    List<StoredSignature> signatures(StoredSignature.Kind kind, Digest signedObject)
            throws IOException, PolicyException;
}
