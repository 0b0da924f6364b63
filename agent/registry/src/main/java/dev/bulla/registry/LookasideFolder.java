package dev.bulla.registry;

import dev.bulla.oci.Digest;
import dev.bulla.oci.ImageReference;
import java.nio.file.Path;

/** A lookaside store in a folder of this machine. */
record LookasideFolder(Path path) implements LookasideUrl {
    Path signature(ImageReference image, Digest signed, int number) {
        return path.resolve(LookasideUrl.suffix(image, signed, number));
    }

    @Override
    public String toString() {
        return "file://" + path;
    }
}
