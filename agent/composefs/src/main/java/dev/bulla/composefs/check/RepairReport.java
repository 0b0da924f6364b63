package dev.bulla.composefs.check;

import java.nio.file.Path;
import java.util.List;

/**
 * What a repair found and did.
 *
 * @param before what was broken
 * @param dropped what was deleted, from the store's folder, in the order it was
 * @param restored objects that were given the fs-verity they lacked
 * @param after what is broken still
 */
public record RepairReport(FsckReport before, List<Path> dropped, List<Path> restored, FsckReport after) {
    public RepairReport {
        dropped = List.copyOf(dropped);
        restored = List.copyOf(restored);
    }
}
