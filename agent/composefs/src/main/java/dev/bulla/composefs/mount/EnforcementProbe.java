package dev.bulla.composefs.mount;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.linux.Errno;
import dev.bulla.linux.FileSystemContext;
import dev.bulla.linux.FileSystemType;
import dev.bulla.linux.FsVerity;
import dev.bulla.linux.LinuxException;
import dev.bulla.linux.OpenFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a store on this machine can have enforced, found out by trying.
 *
 * <p>fs-verity is enabled on a file of the store's file system, and overlay is asked whether it knows {@code verity}; the
 * latter needs root, and where it may not be asked it counts as absent.
 *
 * @param enforcement the strongest class there is
 * @param reason why it is this one, for people
 */
public record EnforcementProbe(Enforcement enforcement, String reason) {
    public EnforcementProbe {
        requireNonNull(enforcement, "enforcement is null");
        requireNonNull(reason, "reason is null");
    }

    /** What new images of a store can have; tries it with a file. */
    public static EnforcementProbe of(ObjectStore store) throws IOException {
        FileSystemType type = FileSystemType.of(store.objects());
        String where = store.folder() + " is on " + type;
        if (type.isMemory()) {
            return new EnforcementProbe(Enforcement.GUEST_MEMORY, where);
        }
        if (!store.offersVerity()) {
            return new EnforcementProbe(Enforcement.NONE, where + " without fs-verity");
        }
        return underOverlay(where);
    }

    /**
     * What an image that is there can have: the kernel's enforcement, where fs-verity is on for its file. Writes nothing.
     *
     * @param image its file, or a link to it
     * @param objects the folder of the objects its files' contents are in
     */
    public static EnforcementProbe ofImage(Path image, Path objects) throws IOException {
        try (OpenFile file = OpenFile.read(image)) {
            FileSystemType type = FileSystemType.of(file.procPath());
            FileSystemType contents = FileSystemType.of(objects);
            String where = image + " is on " + type;
            if (type.isMemory()) {
                return contents.isMemory()
                        ? new EnforcementProbe(Enforcement.GUEST_MEMORY, where)
                        : new EnforcementProbe(Enforcement.NONE, where + ", but " + objects + " is on " + contents);
            }
            return FsVerity.ofKernel().measure(file).isPresent()
                    ? underOverlay(where)
                    : new EnforcementProbe(Enforcement.NONE, where + " and the image has no fs-verity");
        }
    }

    private static EnforcementProbe underOverlay(String where) throws LinuxException {
        return whatOverlayLacks()
                .map(lacking -> new EnforcementProbe(Enforcement.NONE, where + " with fs-verity, but " + lacking))
                .orElseGet(() -> new EnforcementProbe(Enforcement.KERNEL_VERITY, where + " with fs-verity"));
    }

    /** Why overlay cannot require verity; empty when it can. */
    static Optional<String> whatOverlayLacks() throws LinuxException {
        try (FileSystemContext overlay = FileSystemContext.open("overlay")) {
            if (accepts(overlay, "unsupported", "unsupported")) {
                // It takes any option, and reads it later.
                return Optional.of("this kernel's overlay is older than its verity option");
            }
            return accepts(overlay, "verity", "require")
                    ? Optional.empty()
                    : Optional.of("this kernel's overlay has no verity option");
        } catch (LinuxException e) {
            if (e.is(Errno.EPERM)) {
                return Optional.of("only root may ask overlay for verity");
            }
            if (e.is(Errno.ENODEV) || e.is(Errno.ENOSYS)) {
                return Optional.of("this kernel has no overlay to require it");
            }
            throw e;
        }
    }

    private static boolean accepts(FileSystemContext context, String key, String value) throws LinuxException {
        try {
            context.setString(key, value);
            return true;
        } catch (LinuxException e) {
            if (e.is(Errno.EINVAL)) {
                return false;
            }
            throw e;
        }
    }

    /**
     * The class to mount with.
     *
     * @throws EnforcementException when there is less than {@code mode} asks for
     */
    public Enforcement require(VerityMode mode) throws EnforcementException {
        return switch (mode) {
            case OFF -> Enforcement.NONE;
            case AUTO -> {
                if (enforcement == Enforcement.NONE) {
                    throw new EnforcementException(mode, this);
                }
                yield enforcement;
            }
            case REQUIRED -> {
                if (enforcement != Enforcement.KERNEL_VERITY) {
                    throw new EnforcementException(mode, this);
                }
                yield enforcement;
            }
        };
    }
}
