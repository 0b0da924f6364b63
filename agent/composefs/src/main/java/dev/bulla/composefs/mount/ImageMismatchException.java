package dev.bulla.composefs.mount;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.VerityDigest;
import java.nio.file.Path;

/** Thrown when a file that should be an image is not the image that was asked for. */
public final class ImageMismatchException extends MountException {
    private static final long serialVersionUID = 1L;

    private final transient Path image;
    private final transient VerityDigest expected;

    public ImageMismatchException(Path image, VerityDigest expected, String got) {
        super("mount: image " + image + ": got " + got + ", expected fs-verity digest " + expected);
        this.image = requireNonNull(image, "image is null");
        this.expected = requireNonNull(expected, "expected is null");
    }

    /** The file. */
    public Path image() {
        return image;
    }

    /** The digest that was asked for. */
    public VerityDigest expected() {
        return expected;
    }
}
