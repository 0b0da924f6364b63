package dev.bulla.composefs.store;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.VerityDigest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file in staging that is complete and waits to be published or discarded.
 *
 * <p>Small: a pull holds one a file of its layers.
 */
public final class StagedObject {
    private final VerityDigest digest;
    private final long size;
    private final Path folder;
    private final long number;

    StagedObject(VerityDigest digest, long size, Path folder, long number) {
        this.digest = requireNonNull(digest, "digest is null");
        this.size = size;
        this.folder = requireNonNull(folder, "folder is null");
        this.number = number;
    }

    /** The fs-verity digest of the bytes that were written. */
    public VerityDigest digest() {
        return digest;
    }

    /** How many bytes were written. */
    public long size() {
        return size;
    }

    /** Where it stands in staging. */
    public Path file() {
        return folder.resolve(Long.toString(number));
    }

    /** Deletes it, if it has not been published. */
    public void discard() throws IOException {
        Files.deleteIfExists(file());
    }

    @Override
    public String toString() {
        return digest + " (" + size + " bytes)";
    }
}
