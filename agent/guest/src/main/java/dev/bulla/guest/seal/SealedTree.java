package dev.bulla.guest.seal;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.FormatVersion;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.tree.Directory;
import java.util.Optional;

/**
 * The tree that is to be mounted, its seals checked.
 *
 * @param root the tree: the one that a required seal names, else the faithful one
 * @param format the format of its image
 * @param expected the digest that its image must have, where a required seal names it
 * @param report what became of the seals
 */
public record SealedTree(Directory root, FormatVersion format, Optional<VerityDigest> expected, SealReport report) {
    public SealedTree {
        requireNonNull(root, "root is null");
        requireNonNull(format, "format is null");
        requireNonNull(expected, "expected is null");
        requireNonNull(report, "report is null");
    }

    /** The mapping by which the tree was made, in results. */
    public String mapping() {
        return report.checks().stream()
                .flatMap(check -> check.found().stream())
                .filter(match -> match.root() == root)
                .map(TreeMatch::mappingId)
                .findFirst()
                .orElse("faithful");
    }
}
