package dev.bulla.provision.seal;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.seal.SealEntry;
import dev.bulla.composefs.seal.SealRole;
import dev.bulla.guest.layer.CanonicalOmissions;
import dev.bulla.registry.FetchedManifest;
import java.util.List;
import java.util.Optional;

/**
 * The digests of an image, computed from layers that were hashed against their diff_ids, and signed where that was asked for.
 *
 * @param image the image's manifest, as it was read
 * @param entries what a seal of it says; of the manifest too, which annotations have no room for
 * @param omissions what a canonical tree leaves out
 * @param warnings what whoever seals the image should know, a line each
 */
public record ComputedSeal(
        FetchedManifest image, List<SealEntry> entries, Optional<CanonicalOmissions> omissions, List<String> warnings) {
    public ComputedSeal {
        requireNonNull(image, "image is null");
        requireNonNull(omissions, "omissions is null");
        entries = List.copyOf(entries);
        warnings = List.copyOf(warnings);
    }

    /** The digest of the root tree's image. */
    public VerityDigest merged() {
        return entries.stream()
                .filter(entry -> entry.role() == SealRole.MERGED)
                .findFirst()
                .orElseThrow()
                .digest();
    }
}
