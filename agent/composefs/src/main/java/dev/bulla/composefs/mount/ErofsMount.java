package dev.bulla.composefs.mount;

import dev.bulla.linux.DetachedMount;
import dev.bulla.linux.Errno;
import dev.bulla.linux.FileSystemContext;
import dev.bulla.linux.LinuxException;
import dev.bulla.linux.LoopDevice;
import dev.bulla.linux.MountAttribute;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;

/** Mounts an image's EROFS, attached nowhere: from the file itself where the kernel can, else through a loop device. */
final class ErofsMount {
    /** It shows names without contents and is only overlay's layer: nothing is to be run or opened as a device from it. */
    private static final Set<MountAttribute> ATTRIBUTES = EnumSet.allOf(MountAttribute.class);

    private ErofsMount() {}

    static DetachedMount of(VerifiedImage image) throws LinuxException {
        try {
            return mount(image, image.file().procPath());
        } catch (LinuxException e) {
            // From 6.12 on a file will do, but not one on every file system (tmpfs).
            if (!e.is(Errno.ENOTBLK)) {
                throw e;
            }
        }
        // The device stays as long as what is mounted from it.
        try (LoopDevice device = LoopDevice.attach(image.file())) {
            return mount(image, device.path());
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
}
