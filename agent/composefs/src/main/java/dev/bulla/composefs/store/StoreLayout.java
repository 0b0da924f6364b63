package dev.bulla.composefs.store;

import dev.bulla.linux.FileStatus;
import dev.bulla.linux.Identity;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;

/** Where things are in a store, and that its folders are folders of ours. */
record StoreLayout(Path store) {
    static final String PRIVATE_FOLDER = "rwx------";
    static final String PUBLIC_FOLDER = "rwxr-xr-x";

    private static final int WRITABLE_BY_OTHERS = 022;

    /** Creates what is missing and checks what is there. */
    static StoreLayout create(Path folder) throws IOException {
        Path absolute = folder.toAbsolutePath();
        if (!Files.exists(absolute)) {
            Path parent = absolute.getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            createFolder(absolute, PRIVATE_FOLDER);
        }
        // The store may be reached through links; what it is made of may not.
        StoreLayout layout = new StoreLayout(absolute.toRealPath());
        requireOwnFolder(layout.store);
        createFolder(layout.objects(), PUBLIC_FOLDER);
        createFolder(layout.images(), PUBLIC_FOLDER);
        createFolder(layout.staging(), PRIVATE_FOLDER);
        return layout;
    }

    Path objects() {
        return store.resolve("objects");
    }

    Path images() {
        return store.resolve("images");
    }

    Path references() {
        return images().resolve("refs");
    }

    Path staging() {
        return store.resolve("staging");
    }

    /** Creates a folder with exactly these permissions, or checks the one that is there. */
    static void createFolder(Path folder, String permissions) throws IOException {
        try {
            Files.createDirectory(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions)));
            // The process's umask may have taken some away.
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(permissions));
        } catch (FileAlreadyExistsException e) {
            requireOwnFolder(folder);
        }
    }

    private static void requireOwnFolder(Path folder) throws IOException {
        FileStatus status = FileStatus.of(folder);
        if (!status.isDirectory()) {
            throw new StoreLayoutException(folder, "got " + kind(status) + ", expected a directory");
        }
        long user = Identity.effectiveUser();
        if (status.uid() != user) {
            throw new StoreLayoutException(folder, "owned by user " + status.uid() + ", expected user " + user);
        }
        if ((status.permissions() & WRITABLE_BY_OTHERS) != 0) {
            throw new StoreLayoutException(
                    folder,
                    String.format(
                            Locale.ROOT, "mode %04o, expected not writable by group or others", status.permissions()));
        }
    }

    /** What a file is, in words. */
    static String kind(FileStatus status) {
        return switch (status.type()) {
            case FileStatus.TYPE_REGULAR -> "a regular file";
            case FileStatus.TYPE_DIRECTORY -> "a directory";
            case FileStatus.TYPE_SYMLINK -> "a symbolic link";
            case FileStatus.TYPE_CHARACTER -> "a character device";
            case FileStatus.TYPE_BLOCK -> "a block device";
            case FileStatus.TYPE_FIFO -> "a fifo";
            default -> "a socket";
        };
    }
}
