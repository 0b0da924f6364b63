package dev.bulla.composefs.store;

import dev.bulla.linux.Errno;
import dev.bulla.linux.Flock;
import dev.bulla.linux.LinuxException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A pull's own folder in the store, where files stand until the pull decides to keep them.
 *
 * <p>It is locked for the pull's life. {@link #close()} deletes it with all that was not published; where the process dies
 * first, the next opening of the store does. A folder between its creation and its locking may be swept by another process:
 * whoever creates one looks after locking whether it is still there, and whoever sweeps one deletes it under its lock.
 */
public final class Staging implements AutoCloseable {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
    private static final int MAX_TRIES = 1000;

    private final Path folder;
    private final Flock lock;

    private Staging(Path folder, Flock lock) {
        this.folder = folder;
        this.lock = lock;
    }

    /**
     * Creates and locks the folder of a pull.
     *
     * @param store the store's folder, that an {@link ObjectStore} has opened
     * @param name the pull's name: 1 to 128 of letters, digits, dot, underscore, hyphen, not starting with the latter three
     * @throws StoreException when a living pull has this name
     */
    public static Staging begin(Path store, String name) throws IOException {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("name of a staging folder: got \"" + name + "\", expected " + NAME);
        }
        Path folder = new StoreLayout(store).staging().resolve(name);
        boolean created = false;
        for (int i = 0; i < MAX_TRIES; i++) {
            if (create(folder)) {
                created = true;
            } else if (!created && !sweepFolder(folder)) {
                break;
            }
            Flock lock = lock(folder);
            if (lock != null) {
                return new Staging(folder, lock);
            }
            pause();
        }
        throw new StoreException("store: staging folder " + folder + " is in use by another pull");
    }

    /** Deletes the folders of pulls that live no more. */
    static void sweep(StoreLayout layout) throws IOException {
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(layout.staging())) {
            for (Path folder : folders) {
                if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
                    sweepFolder(folder);
                }
            }
        }
    }

    private static boolean create(Path folder) throws IOException {
        try {
            Files.createDirectory(
                    folder,
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(StoreLayout.PRIVATE_FOLDER)));
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        }
    }

    /** The lock of the folder at this path; null where a sweeper has or had it. */
    private static @Nullable Flock lock(Path folder) throws IOException {
        Optional<Flock> lock = tryExclusive(folder);
        if (lock.isEmpty()) {
            return null;
        }
        Flock held = lock.orElseThrow();
        if (held.stillAt(folder)) {
            return held;
        }
        held.close();
        return null;
    }

    /** Whether the folder is gone now; false where its pull lives. */
    private static boolean sweepFolder(Path folder) throws IOException {
        Optional<Flock> lock = tryExclusive(folder);
        if (lock.isEmpty()) {
            return !Files.exists(folder, LinkOption.NOFOLLOW_LINKS);
        }
        try (Flock held = lock.orElseThrow()) {
            if (held.stillAt(folder)) {
                delete(folder);
            }
        }
        return true;
    }

    private static Optional<Flock> tryExclusive(Path folder) throws LinuxException {
        try {
            return Flock.tryExclusive(folder);
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static void pause() throws StoreException {
        try {
            Thread.sleep(1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException("store: interrupted while waiting for a staging folder", e);
        }
    }

    private static void delete(Path folder) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                if (e instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE; // a file that was published, or closed, meanwhile
                }
                throw e;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException e) throws IOException {
                if (e != null) {
                    throw e;
                }
                Files.deleteIfExists(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** The folder. */
    public Path folder() {
        return folder;
    }

    /** Deletes the folder and what is in it, and ends the lock. */
    @Override
    public void close() throws IOException {
        try (lock) {
            delete(folder);
        }
    }
}
