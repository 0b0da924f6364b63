package dev.bulla.composefs.mount;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.VerityDigest;
import dev.bulla.linux.DetachedMount;
import dev.bulla.linux.LinuxException;
import dev.bulla.linux.Mounts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * A composefs image, mounted. It stays mounted when the process ends.
 *
 * <p>Needs root and a kernel with erofs and overlay (loop too, where the image is on tmpfs).
 *
 * <p><b>Security.</b> The image is measured, or hashed where its file system has no fs-verity, through one open file from
 * the check to the mount. With {@link Enforcement#KERNEL_VERITY} the image must have fs-verity, and overlay refuses every
 * content file that has it not or another digest than the image says. Device nodes do not work on the mount.
 */
public final class ComposefsMount {
    private final Path target;

    private ComposefsMount(Path target) {
        this.target = target;
    }

    /**
     * Mounts an image.
     *
     * @param image its file, or a link to it
     * @param objects the folder of the objects its files' contents are in
     * @param target the folder to mount on, which must exist
     * @param expected the image's fs-verity digest
     * @param enforcement what is to be enforced, as {@link EnforcementProbe#require} gave it
     * @param writable where writes go; without it the mount is read-only
     * @throws ImageMismatchException when the file is not the image of that digest
     * @throws MountException when the kernel has no way that we know
     * @throws LinuxException when the kernel refuses
     */
    public static ComposefsMount mount(
            Path image,
            Path objects,
            Path target,
            VerityDigest expected,
            Enforcement enforcement,
            Optional<WritableLayer> writable)
            throws IOException {
        return mount(image, objects, target, expected, enforcement, writable, EnumSet.allOf(OverlayMount.Form.class));
    }

    static ComposefsMount mount(
            Path image,
            Path objects,
            Path target,
            VerityDigest expected,
            Enforcement enforcement,
            Optional<WritableLayer> writable,
            Set<OverlayMount.Form> forms)
            throws IOException {
        requireNonNull(enforcement, "enforcement is null");
        try (VerifiedImage verified = VerifiedImage.open(image, expected, enforcement);
                DetachedMount erofs = ErofsMount.of(verified)) {
            new OverlayMount(erofs, objects, target, enforcement, writable).mount(forms);
        }
        return new ComposefsMount(target);
    }

    /** Unmounts the topmost mount on a folder; EBUSY while it is in use. */
    public static void unmount(Path target) throws LinuxException {
        Mounts.unmount(target);
    }

    /** Where it is mounted. */
    public Path target() {
        return target;
    }

    /** Unmounts it; EBUSY while it is in use. */
    public void unmount() throws LinuxException {
        unmount(target);
    }
}
