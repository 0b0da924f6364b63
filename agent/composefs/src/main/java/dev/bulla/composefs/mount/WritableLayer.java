package dev.bulla.composefs.mount;

import dev.bulla.linux.Errno;
import dev.bulla.linux.FileStatus;
import dev.bulla.linux.LinuxException;
import dev.bulla.linux.Xattrs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;

/**
 * Where what is written to a mounted image goes. Both folders are on one file system, and are created where they are missing.
 *
 * @param upper overlay's upper folder: what differs from the image
 * @param work overlay's work folder: empty, and its own
 */
public record WritableLayer(Path upper, Path work) {
    private static final String PRIVATE = "rwx------";

    /**
     * Creates what is missing. Overlay shows the upper folder's owner, mode and times as the root's, so a new one gets the
     * image's.
     *
     * @param root the image's root folder
     */
    void prepare(Path root) throws IOException {
        create(work);
        if (create(upper)) {
            boolean done = false;
            try {
                copyMetadata(root, upper);
                done = true;
            } finally {
                if (!done) {
                    Files.delete(upper); // the next mount would take it for one that has them
                }
            }
        }
    }

    private static boolean create(Path folder) throws IOException {
        try {
            Files.createDirectory(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(PRIVATE)));
            return true;
        } catch (FileAlreadyExistsException e) {
            return false;
        }
    }

    /** What is malformed (capabilities, access control lists) the kernel neither shows nor takes: there is nothing to copy. */
    private static void copy(Path from, byte[] name, Path to) throws LinuxException {
        try {
            Xattrs.set(to, name, Xattrs.get(from, name).orElse(new byte[0]));
        } catch (LinuxException e) {
            if (!e.is(Errno.EINVAL)) {
                throw e;
            }
        }
    }

    /** An image may say times beyond what {@link Instant} has; the file system of the upper folder has fewer still. */
    private static FileTime time(FileStatus status) {
        long seconds = Math.clamp(status.modifiedSeconds(), Instant.MIN.getEpochSecond(), Instant.MAX.getEpochSecond());
        return FileTime.from(Instant.ofEpochSecond(seconds, status.modifiedNanoseconds()));
    }

    private static void copyMetadata(Path from, Path to) throws IOException {
        FileStatus status = FileStatus.of(from);
        for (byte[] name : Xattrs.list(from)) {
            if (!new String(name, StandardCharsets.ISO_8859_1).startsWith("trusted.")) {
                copy(from, name, to);
            }
        }
        Files.setAttribute(to, "unix:uid", (int) status.uid());
        Files.setAttribute(to, "unix:gid", (int) status.gid());
        Files.setAttribute(to, "unix:mode", status.permissions());
        Files.setLastModifiedTime(to, time(status));
    }
}
