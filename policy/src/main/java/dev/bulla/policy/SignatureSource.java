package dev.bulla.policy;

import dev.bulla.oci.Digest;
import java.io.IOException;
import java.util.List;

/**
 * Where signatures come from; the guest implements it over a registry. It is asked only when a requirement looks at
 * signatures, at most once for each signed object of an evaluation.
 *
 * <p><b>Security.</b> Everything that it gives is the adversary's until it is verified; an implementation bounds what it
 * reads by {@link #MAX_SIGNATURES}, {@link #MAX_PAYLOAD_LENGTH} and {@link #MAX_PAYLOADS_LENGTH}, and the evaluation looks again.
 */
@FunctionalInterface
public interface SignatureSource {

    /** The most signatures that are taken for one signed object. */
    int MAX_SIGNATURES = 128;

    /** The most bytes of one signature's payload. */
    int MAX_PAYLOAD_LENGTH = 4 * 1024 * 1024;

    /** The most bytes of all payloads on one signed object. */
    int MAX_PAYLOADS_LENGTH = 8 * 1024 * 1024;

    /** A source that has none. */
    SignatureSource NONE = signedObject -> List.of();

    /**
     * The layers of the sigstore attachment of that manifest or index (the tag {@code sha256-….sig} of its repository),
     * in their order; empty when there is none.
     *
     * @param signedObject the digest of the manifest or index
     * @throws IOException when it cannot be known whether there are any; the evaluation ends with it
     * @throws PolicyException when what is there is no attachment; the evaluation ends with it
     */
    List<SigstoreAttachment> sigstoreAttachments(Digest signedObject) throws IOException, PolicyException;
}
