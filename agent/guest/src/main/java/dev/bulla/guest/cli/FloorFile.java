package dev.bulla.guest.cli;

import static java.util.Objects.requireNonNull;

import dev.bulla.guest.store.AtomicFile;
import dev.bulla.linux.FileStatus;
import dev.bulla.linux.Identity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/**
 * How late it is known to be, kept for other processes of the same boot: a file in a folder of its owner's alone, in memory
 * that is gone with the boot.
 */
final class FloorFile {
    private static final String NAME = "time-floor";
    private static final int MAX_LENGTH = 64;
    private static final int WRITABLE_BY_OTHERS = 0022;

    private final Path folder;

    /** The file in this folder, which need not be there. */
    FloorFile(Path folder) {
        this.folder = requireNonNull(folder, "folder is null");
    }

    /**
     * The time that was kept; empty where none was.
     *
     * @throws IOException when the folder or the file is not what {@link #write} leaves
     */
    Optional<Instant> read() throws IOException {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        requireOwn();
        Path file = folder.resolve(NAME);
        Optional<byte[]> bytes = AtomicFile.read(file, MAX_LENGTH);
        if (bytes.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Instant.parse(new String(bytes.get(), StandardCharsets.US_ASCII).strip()));
        } catch (DateTimeParseException e) {
            throw new FileSystemException(file.toString(), null, "it holds no time; remove it");
        }
    }

    /**
     * Keeps a time, in one step.
     *
     * @return whether it could be kept: not where the folder cannot be made, which is so for users who are not root
     */
    boolean write(Instant floor) throws IOException {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            try {
                Files.createDirectory(
                        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            } catch (AccessDeniedException | NoSuchFileException e) {
                return false;
            } catch (FileAlreadyExistsException e) {
                // another process of this boot made it meanwhile; it is looked at below
            }
        }
        requireOwn();
        AtomicFile.write(folder, NAME, (floor + "\n").getBytes(StandardCharsets.US_ASCII));
        return true;
    }

    private void requireOwn() throws IOException {
        FileStatus status = FileStatus.of(folder);
        if (!status.isDirectory()
                || status.uid() != Identity.effectiveUser()
                || (status.permissions() & WRITABLE_BY_OTHERS) != 0) {
            throw new FileSystemException(
                    folder.toString(), null, "expected a folder of this user that nobody else can write to");
        }
    }
}
