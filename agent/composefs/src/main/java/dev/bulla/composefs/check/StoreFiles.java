package dev.bulla.composefs.check;

import dev.bulla.composefs.VerityDigest;
import dev.bulla.linux.Errno;
import dev.bulla.linux.FileStatus;
import dev.bulla.linux.LinuxException;
import dev.bulla.linux.OpenFile;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotLinkException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The files of a store as they are found, from its open folder downwards.
 *
 * <p><b>Security.</b> Folders are opened one below the other and links are read, never followed, so nothing outside the store
 * is reached however it was edited.
 */
record StoreFiles(OpenFile store) {
    /** The place of objects. */
    static final Path OBJECTS = Path.of("objects");

    /** The place of images, and of their names in {@code refs}. */
    static final Path IMAGES = Path.of("images");

    /** The place of streams, and of their names in {@code refs}. */
    static final Path STREAMS = Path.of("streams");

    /** The folder of names in {@link #IMAGES} and {@link #STREAMS}. */
    static final Path REFS = Path.of("refs");

    /** How many folders below one another names may stand in. */
    static final int MAX_LEVELS = 16;

    /**
     * One name in a folder.
     *
     * @param path from the store's folder
     * @param here the same file from its open folder, valid while that is open
     * @param status what it is
     */
    record Entry(Path path, Path here, FileStatus status) {
        Path name() {
            return path.getFileName();
        }

        boolean isLink() {
            return status.type() == FileStatus.TYPE_SYMLINK;
        }

        /** Where the link leads, if the entry is still one. */
        Optional<Path> target() throws IOException {
            try {
                return Optional.of(Files.readSymbolicLink(here));
            } catch (NoSuchFileException | NotLinkException e) {
                return Optional.empty(); // taken away or replaced since it was listed
            }
        }
    }

    /** Sees an entry. */
    @FunctionalInterface
    interface Visitor {
        void visit(Entry entry) throws IOException;
    }

    /** A folder's open file; empty where nothing is there. Fails with ENOTDIR or ELOOP where something else is. */
    Optional<OpenFile> folder(Path relative) throws LinuxException {
        return folder(store, relative);
    }

    private static Optional<OpenFile> folder(OpenFile parent, Path relative) throws LinuxException {
        Optional<OpenFile> at = Optional.of(parent);
        for (Path name : relative) {
            OpenFile above = at.orElseThrow();
            try {
                at = Optional.of(OpenFile.directory(above.procPath().resolve(name)));
            } catch (LinuxException e) {
                if (e.is(Errno.ENOENT)) {
                    return Optional.empty();
                }
                throw e;
            } finally {
                if (above != parent) {
                    above.close();
                }
            }
        }
        return at;
    }

    /** Opens a folder that was found in another. */
    static Optional<OpenFile> folder(Entry entry) throws LinuxException {
        try {
            return Optional.of(OpenFile.directory(entry.here));
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** What a path of the store is, if anything; its folders may not be links. */
    Optional<FileStatus> status(Path relative) throws LinuxException {
        Path parent = relative.getParent();
        try {
            if (parent == null) {
                return Optional.of(FileStatus.of(store.procPath().resolve(relative)));
            }
            Optional<OpenFile> folder = folder(parent);
            if (folder.isEmpty()) {
                return Optional.empty();
            }
            try (OpenFile open = folder.orElseThrow()) {
                return Optional.of(FileStatus.of(open.procPath().resolve(relative.getFileName())));
            }
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR) || e.is(Errno.ELOOP)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** Visits what is in an open folder, in the file system's order. */
    static void list(OpenFile folder, Path relative, Visitor visitor) throws IOException {
        try (DirectoryStream<Path> names = Files.newDirectoryStream(folder.procPath())) {
            for (Path here : names) {
                FileStatus status;
                try {
                    status = FileStatus.of(here);
                } catch (LinuxException e) {
                    if (e.is(Errno.ENOENT)) {
                        continue; // taken away since
                    }
                    throw e;
                }
                visitor.visit(new Entry(relative.resolve(here.getFileName()), here, status));
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    /** Whether there is any file under an object's name; what it holds is another question. */
    boolean hasObject(VerityDigest digest) throws LinuxException {
        return status(objectPath(digest)).isPresent();
    }

    /** Opens an object; fails with ENOENT where there is none, with ELOOP where it is a link. */
    OpenFile object(VerityDigest digest) throws LinuxException {
        return store.readBeneath(objectPath(digest).toString());
    }

    static Path objectPath(VerityDigest digest) {
        return OBJECTS.resolve(digest.objectPath());
    }
}
