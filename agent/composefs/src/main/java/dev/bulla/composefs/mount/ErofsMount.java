package dev.bulla.composefs.mount;

import dev.bulla.linux.DetachedMount;
import dev.bulla.linux.Errno;
import dev.bulla.linux.FileSystemContext;
import dev.bulla.linux.LinuxException;
import dev.bulla.linux.LoopDevice;
import dev.bulla.linux.MountAttribute;
import dev.bulla.linux.OpenFile;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * An image's EROFS, attached nowhere: mounted from the file itself where the kernel can, else through a loop device.
 *
 * @param mount the mount
 * @param loop whether it is read through a loop device
 */
record ErofsMount(DetachedMount mount, boolean loop) implements AutoCloseable {
    /** It shows names without contents and is only overlay's layer: nothing is to be run or opened as a device from it. */
    private static final Set<MountAttribute> ATTRIBUTES = EnumSet.allOf(MountAttribute.class);

    /**
     * @param userNamespace the user namespace whose maps its owners are shown through
     */
    static ErofsMount of(VerifiedImage image, Optional<Path> userNamespace) throws LinuxException {
        ErofsMount erofs = mount(image);
        try {
            if (userNamespace.isPresent()) {
                try (OpenFile namespace = OpenFile.read(userNamespace.orElseThrow())) {
                    erofs.mount.mapOwners(namespace);
                }
            }
            return erofs;
        } catch (LinuxException | RuntimeException e) {
            erofs.close();
            throw e;
        }
    }

    private static ErofsMount mount(VerifiedImage image) throws LinuxException {
        try {
            return new ErofsMount(mount(image, image.file().procPath()), false);
        } catch (LinuxException e) {
            // From 6.12 on a file will do, but not one on every file system (tmpfs).
            if (!e.is(Errno.ENOTBLK)) {
                throw e;
            }
        }
        // The device stays as long as what is mounted from it.
        try (LoopDevice device = LoopDevice.attach(image.file())) {
            return new ErofsMount(mount(image, device.path()), true);
        }
    }

    private static DetachedMount mount(VerifiedImage image, Path source) throws LinuxException {
        try (FileSystemContext erofs = FileSystemContext.open("erofs")) {
            erofs.setPath("source", source);
            erofs.setFlag("ro");
            if (!image.hasAcl()) {
                erofs.setFlag("noacl"); // spares a look for lists that no file has
            }
            erofs.create();
            return erofs.mount(ATTRIBUTES);
        }
    }

    @Override
    public void close() {
        mount.close();
    }
}
