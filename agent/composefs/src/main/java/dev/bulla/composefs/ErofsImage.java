package dev.bulla.composefs;

import dev.bulla.composefs.tree.Directory;
import java.io.IOException;
import java.nio.file.Path;

/**
 * An image that was read: its tree, and the format that it has it in. The two make the same image again.
 *
 * @param root the tree
 * @param version the format
 */
public record ErofsImage(Directory root, FormatVersion version) {
    /**
     * Reads an image.
     *
     * @throws ImageFormatException when it is malformed, or of a format or with features that are not known
     */
    public static ErofsImage read(Path image) throws IOException {
        return ErofsImageReader.readImage(image);
    }
}
