package dev.bulla.guest.seal;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.FormatVersion;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.guest.layer.CanonicalMapping;
import java.util.Optional;

/**
 * A tree whose image has the digest that was looked for.
 *
 * @param root the tree
 * @param format the image's format
 * @param mapping the mapping, empty for the faithful one
 */
public record TreeMatch(Directory root, FormatVersion format, Optional<CanonicalMapping> mapping) {
    public TreeMatch {
        requireNonNull(root, "root is null");
        requireNonNull(format, "format is null");
        requireNonNull(mapping, "mapping is null");
    }

    /** The mapping's name in results. */
    public String mappingId() {
        return mapping.map(CanonicalMapping::id).orElse("faithful");
    }
}
