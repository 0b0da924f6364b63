package dev.bulla.composefs.check;

import dev.bulla.composefs.VerityDigest;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * What a collection deleted, or would delete.
 *
 * @param dryRun whether nothing was deleted
 * @param objects how many objects
 * @param bytes how many bytes of objects
 * @param entries the images and streams, from the store's folder; sorted
 * @param names the names that led nowhere, from the store's folder
 * @param leftovers how many folders and files that dead writers had left
 * @param leftoverBytes how many bytes of those
 * @param keptObjects how many objects stay
 * @param keptImages the images that stay
 */
public record GcReport(
        boolean dryRun,
        long objects,
        long bytes,
        List<Path> entries,
        List<Path> names,
        long leftovers,
        long leftoverBytes,
        long keptObjects,
        Set<VerityDigest> keptImages) {
    public GcReport {
        entries = List.copyOf(entries);
        names = List.copyOf(names);
        keptImages = Set.copyOf(keptImages);
    }

    /** How many images. */
    public long images() {
        return entries.stream()
                .filter(entry -> entry.startsWith(StoreFiles.IMAGES))
                .count();
    }

    /** How many streams. */
    public long streams() {
        return entries.size() - images();
    }
}
