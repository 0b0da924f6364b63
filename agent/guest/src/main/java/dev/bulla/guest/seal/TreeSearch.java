package dev.bulla.guest.seal;

import dev.bulla.composefs.FormatVersion;
import dev.bulla.composefs.UnwritableTreeException;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.guest.layer.CanonicalMapping;
import dev.bulla.guest.layer.CanonicalMappingException;
import dev.bulla.guest.layer.CanonicalTree;
import dev.bulla.guest.layer.LayerImageTree;
import dev.bulla.guest.layer.LayerLimits;
import dev.bulla.guest.layer.LayerTree;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Looks for the image that a digest names: among the mappings, and the formats where the digest does not say which. Images
 * are hashed as they are written and kept nowhere.
 *
 * <p><b>Security.</b> Every candidate is made of the same verified layers, so a digest that one of them has is the digest of
 * this image, whichever it is.
 */
final class TreeSearch {
    private final List<LayerTree> layers;
    private final Directory faithful;
    private final LayerLimits limits;
    private final List<String> tried = new ArrayList<>();

    /**
     * @param layers the layers' trees, the lowest first
     * @param faithful the tree that was made of them
     */
    TreeSearch(List<LayerTree> layers, Directory faithful, LayerLimits limits) {
        this.layers = List.copyOf(layers);
        this.faithful = faithful;
        this.limits = limits;
    }

    /**
     * The root tree whose image has this digest.
     *
     * @param formats in which to look, the likeliest first
     */
    Optional<TreeMatch> root(VerityDigest expected, List<FormatVersion> formats) throws IOException {
        tried.clear();
        Optional<CanonicalTree> canonical = canonical();
        for (FormatVersion format : formats) {
            if (canonical.isPresent()) {
                for (CanonicalMapping mapping : CanonicalMapping.ALL) {
                    TreeMatch match = new TreeMatch(canonical.get().root(mapping), format, Optional.of(mapping));
                    if (has(match, expected)) {
                        return Optional.of(match);
                    }
                }
            }
            TreeMatch match = new TreeMatch(faithful, format, Optional.empty());
            if (has(match, expected)) {
                return Optional.of(match);
            }
        }
        return Optional.empty();
    }

    /** One layer's own tree whose image has this digest. */
    Optional<TreeMatch> layer(int number, VerityDigest expected) throws IOException {
        tried.clear();
        try {
            for (CanonicalMapping mapping : CanonicalMapping.ALL) {
                TreeMatch match = new TreeMatch(
                        LayerImageTree.of(layers.get(number), mapping, limits), FormatVersion.V1, Optional.of(mapping));
                if (has(match, expected)) {
                    return Optional.of(match);
                }
            }
        } catch (CanonicalMappingException e) {
            tried.add(e.getMessage());
        }
        return Optional.empty();
    }

    /** What was compared in vain by the last search, for messages. */
    String tried() {
        return String.join(", ", tried);
    }

    private Optional<CanonicalTree> canonical() {
        try {
            return Optional.of(CanonicalTree.of(layers));
        } catch (CanonicalMappingException e) {
            tried.add("no " + e.getMessage());
            return Optional.empty();
        }
    }

    private boolean has(TreeMatch candidate, VerityDigest expected) throws IOException {
        tried.add(candidate.format() + " " + candidate.mappingId());
        try {
            return TreeDigest.of(candidate.root(), candidate.format(), expected.algorithm())
                    .equals(expected);
        } catch (UnwritableTreeException e) {
            return false;
        }
    }
}
