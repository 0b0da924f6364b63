package dev.bulla.composefs.check;

import static java.util.Objects.requireNonNull;

import java.nio.file.Path;
import java.util.List;

/**
 * A finding, and what cannot be used because of it.
 *
 * @param finding what is broken
 * @param neededBy the streams, images and names that need it, directly or through others, from the store's folder; sorted
 */
public record Problem(Finding finding, List<Path> neededBy) {
    public Problem {
        requireNonNull(finding, "finding is null");
        neededBy = List.copyOf(neededBy);
    }
}
