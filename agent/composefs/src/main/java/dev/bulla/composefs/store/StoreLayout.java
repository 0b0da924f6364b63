package dev.bulla.composefs.store;

import dev.bulla.linux.FileStatus;
import dev.bulla.linux.Identity;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;

/** Where things are in a store, and that its folders are folders of ours. */
record StoreLayout(Path store) {
    static final String PRIVATE_FOLDER = "rwx------";
    static final String PUBLIC_FOLDER = "rwxr-xr-x";

    /** What the agent keeps beside a repository: nothing of it may lead out of the store. */
    static final List<String> BESIDE = List.of("records", "records/layers", "records/authenticated", "bundles");

    private static final int WRITABLE_BY_OTHERS = 022;

    /** Creates the store's folder and the one for staging where they are missing, and checks what is there. */
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
        layout.check(false);
        createFolder(layout.staging(), PRIVATE_FOLDER);
        return layout;
    }

    /** Creates what is missing of the folders that a repository shows. */
    void createFolders() throws IOException {
        createFolder(objects(), PUBLIC_FOLDER);
        createFolder(images(), PUBLIC_FOLDER);
        createFolder(streams(), PUBLIC_FOLDER);
    }

    /**
     * Looks at a store that is there, and creates nothing.
     *
     * @param anyOwner whether it may be another user's
     */
    static StoreLayout existing(Path folder, boolean anyOwner) throws IOException {
        Path absolute = folder.toAbsolutePath();
        if (!Files.isDirectory(absolute)) {
            throw new StoreLayoutException(absolute, "expected a store, there is no directory");
        }
        StoreLayout layout = new StoreLayout(absolute.toRealPath());
        layout.check(anyOwner);
        return layout;
    }

    /** Refuses a folder that has neither the metadata nor the objects of a repository. */
    void requireRepository() throws StoreLayoutException {
        if (!Files.exists(metadata(), LinkOption.NOFOLLOW_LINKS)
                && !Files.exists(objects(), LinkOption.NOFOLLOW_LINKS)) {
            throw new StoreLayoutException(store, "expected a store, there is neither meta.json nor objects");
        }
    }

    private void check(boolean anyOwner) throws IOException {
        for (Path path : List.of(store, objects(), images(), streams(), staging())) {
            if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                continue;
            }
            if (anyOwner) {
                requireFolder(path);
            } else {
                requireOwnFolder(path);
            }
        }
        for (String beside : BESIDE) {
            Path path = store.resolve(beside);
            if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
                requireFolder(path);
            }
        }
    }

    Path objects() {
        return store.resolve("objects");
    }

    Path images() {
        return store.resolve("images");
    }

    Path streams() {
        return store.resolve("streams");
    }

    Path metadata() {
        return store.resolve(RepositoryMetadata.FILE);
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

    private static FileStatus requireFolder(Path folder) throws IOException {
        FileStatus status = FileStatus.of(folder);
        if (!status.isDirectory()) {
            throw new StoreLayoutException(folder, "got " + kind(status) + ", expected a directory");
        }
        return status;
    }

    private static void requireOwnFolder(Path folder) throws IOException {
        FileStatus status = requireFolder(folder);
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
