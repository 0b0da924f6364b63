package dev.bulla.policy;

import static java.util.Objects.requireNonNull;

import java.util.Optional;

/**
 * What the matrix said.
 *
 * @param cell the cell by which the image was judged
 * @param allowed whether it allows the image
 * @param signed whether the image counts as signed
 * @param expected by which digest an unsigned image is one that policy expects; empty where policy names none, or it is not
 * @param reason why this cell, and where it refuses, what would allow it
 */
public record MatrixDecision(
        MatrixCell cell, boolean allowed, boolean signed, Optional<ExpectedBy> expected, String reason) {
    public MatrixDecision {
        requireNonNull(cell, "cell is null");
        requireNonNull(expected, "expected is null");
        requireNonNull(reason, "reason is null");
    }

    /**
     * Whether the tenant's word covers the image's configuration, and with it the order and the set of the layers: a
     * signature, or a digest of the manifest or the configuration itself. What it does not cover is the host's to change.
     */
    public boolean configAuthenticated() {
        return signed || expected.filter(ExpectedBy::authenticatesConfig).isPresent();
    }

    /** {@link #configAuthenticated} as decisions say it: {@code authenticated} or {@code unauthenticated}. */
    public String config() {
        return configAuthenticated() ? "authenticated" : "unauthenticated";
    }

    /** Whether it is a secured image: signed, and every layer encrypted. */
    public boolean secured() {
        return cell == MatrixCell.ENCRYPTED_SIGNED;
    }
}
