package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Digest;
import java.util.List;

/**
 * An image that another may be built on.
 *
 * @param subject as policy judges it, under its own name
 * @param diffIds the diff_ids of its configuration, lowest layer first
 * @param signatures its signatures
 */
public record BaseImage(PolicySubject subject, List<Digest> diffIds, SignatureSource signatures) {
    public BaseImage {
        requireNonNull(subject, "subject is null");
        diffIds = List.copyOf(diffIds);
        requireNonNull(signatures, "signatures is null");
    }
}
