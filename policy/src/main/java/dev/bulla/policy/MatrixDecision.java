package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

/**
 * What the matrix said.
 *
 * @param cell the cell by which the image was judged
 * @param allowed whether it allows the image
 * @param signed whether the image counts as signed
 * @param reason why this cell, and where it refuses, what would allow it
 */
public record MatrixDecision(MatrixCell cell, boolean allowed, boolean signed, String reason) {
    public MatrixDecision {
        requireNonNull(cell, "cell is null");
        requireNonNull(reason, "reason is null");
    }
}
