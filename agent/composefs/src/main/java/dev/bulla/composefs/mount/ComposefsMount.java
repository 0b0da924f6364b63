package dev.bulla.composefs.mount;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.VerityDigest;
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
 * content file that has it not or another digest than the image says. Device nodes do not work on the mount unless told.
 */
public final class ComposefsMount {
    private final Path target;
    private final boolean loop;
    private final OverlayMount.Form form;

    private ComposefsMount(Path target, boolean loop, OverlayMount.Form form) {
        this.target = target;
        this.loop = loop;
        this.form = form;
    }

    /**
     * Mounts an image.
     *
     * @param image its file, or a link to it
     * @param objects the folder of the objects its files' contents are in
     * @param target the folder to mount on, which must exist
     * @param expected the image's fs-verity digest
     * @param enforcement what is to be enforced, as {@link EnforcementProbe#require} gave it
     * @param options how it is shown
     * @throws ImageMismatchException when the file is not the image of that digest
     * @throws MountException when the kernel has no way that we know
     * @throws LinuxException when the kernel refuses
     */
    public static ComposefsMount mount(
            Path image, Path objects, Path target, VerityDigest expected, Enforcement enforcement, MountOptions options)
            throws IOException {
        return mount(image, objects, target, expected, enforcement, options, EnumSet.allOf(OverlayMount.Form.class));
    }

    static ComposefsMount mount(
            Path image,
            Path objects,
            Path target,
            VerityDigest expected,
            Enforcement enforcement,
            MountOptions options,
            Set<OverlayMount.Form> forms)
            throws IOException {
        requireNonNull(enforcement, "enforcement is null");
        try (VerifiedImage verified = VerifiedImage.open(image, expected, enforcement);
                ErofsMount erofs = ErofsMount.of(verified, options.userNamespace())) {
            OverlayMount.Form form =
                    new OverlayMount(erofs.mount(), objects, target, enforcement, options).mount(forms);
            return new ComposefsMount(target, erofs.loop(), form);
        }
    }

    /**
     * Unmounts the image on a folder.
     *
     * @throws MountException when what is mounted there is not an image that was mounted here
     * @throws LinuxException EBUSY while it is in use
     */
    public static void unmount(Path target) throws IOException {
        Optional<MountTable.Entry> top = MountTable.on(target);
        if (!top.equals(Optional.of(new MountTable.Entry("overlay", OverlayMount.SOURCE)))) {
            throw new MountException("umount: " + target + ": got "
                    + top.map(entry -> "a mount of " + entry.type()).orElse("no mount")
                    + ", expected a composefs image");
        }
        Mounts.unmount(target);
    }

    /** How the image's file is read: {@code file} or {@code loop}. */
    public String image() {
        return loop ? "loop" : "file";
    }

    /** How overlay was told its layers, newest kernels first: {@code descriptors}, {@code paths}, {@code data-layers}, {@code lower-layers}. */
    public String layers() {
        return form.id();
    }

    /** Where it is mounted. */
    public Path target() {
        return target;
    }

    /** Unmounts it; EBUSY while it is in use. */
    public void unmount() throws IOException {
        unmount(target);
    }
}
