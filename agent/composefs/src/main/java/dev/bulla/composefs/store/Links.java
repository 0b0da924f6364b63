package dev.bulla.composefs.store;

import dev.bulla.linux.FileStatus;
import dev.bulla.linux.OpenFile;
import dev.bulla.linux.PathBytes;
import dev.bulla.oci.Quoted;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/**
 * The names below {@code images/refs} or {@code streams/refs}: symbolic links to an entry two folders up, or one more for
 * each further level of the name.
 *
 * <p>What stands there and is no such link is refused, never followed.
 */
record Links(StoreLayout layout, Path folder) {
    /** The longest name of a level, in bytes: the kernel's bound of a file name. */
    static final int MAX_NAME = 255;

    /** How many levels a name may have. */
    static final int MAX_LEVELS = 16;

    /** Lets a name lead to this entry, in place of the one it had. Everything written before is on the disk first. */
    void put(String name, String entry) throws IOException {
        Path link = path(name);
        createFolders(link);
        try (OpenFile store = OpenFile.directory(layout.store())) {
            store.syncFileSystem();
        }
        replace(layout, link, target(link, entry));
    }

    /** Makes a symbolic link at this path, in place of what is there, in one step. */
    static void replace(StoreLayout layout, Path link, Path target) throws IOException {
        try (Staging staging = Staging.begin(layout.store(), "link-" + UUID.randomUUID())) {
            Path made = Files.createSymbolicLink(staging.folder().resolve("link"), target);
            Files.move(made, link, StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private void createFolders(Path link) throws IOException {
        StoreLayout.createFolder(folder, StoreLayout.PUBLIC_FOLDER);
        Path levels = folder.relativize(link).getParent();
        if (levels != null) {
            Path at = folder;
            for (Path level : levels) {
                at = at.resolve(level);
                StoreLayout.createFolder(at, StoreLayout.PUBLIC_FOLDER);
            }
        }
    }

    /** The entry a name leads to, if there is the name. */
    Optional<String> get(String name) throws IOException {
        Path link = path(name);
        for (Path at = link.getParent(); at != null && at.startsWith(folder); at = at.getParent()) {
            if (!Files.exists(at, LinkOption.NOFOLLOW_LINKS)) {
                return Optional.empty();
            }
            requireFolder(at);
        }
        return Files.exists(link, LinkOption.NOFOLLOW_LINKS) ? Optional.of(entry(link)) : Optional.empty();
    }

    /** All names and their entries, sorted. */
    SortedMap<String, String> list() throws IOException {
        SortedMap<String, String> found = new TreeMap<>();
        if (Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            list(folder, "", 1, found);
        }
        return found;
    }

    private void list(Path in, String prefix, int level, SortedMap<String, String> found) throws IOException {
        requireFolder(in);
        if (level > MAX_LEVELS) {
            throw new StoreLayoutException(in, "more than " + MAX_LEVELS + " levels of names");
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(in)) {
            for (Path entry : entries) {
                String name = prefix + new String(PathBytes.nameOf(entry), StandardCharsets.UTF_8);
                if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                    list(entry, name + "/", level + 1, found);
                } else {
                    found.put(name, entry(entry));
                }
            }
        }
    }

    /** Takes a name away, and says whether there was one. Folders it leaves empty stay. */
    boolean remove(String name) throws IOException {
        return get(name).isPresent() && Files.deleteIfExists(path(name));
    }

    private static void requireFolder(Path at) throws IOException {
        FileStatus status = FileStatus.of(at);
        if (!status.isDirectory()) {
            throw new StoreLayoutException(at, "got " + StoreLayout.kind(status) + ", expected a directory");
        }
    }

    private String entry(Path link) throws IOException {
        if (Files.isSymbolicLink(link)) {
            Path target = Files.readSymbolicLink(link);
            Path last = target.getFileName(); // none of "/"
            String entry = last == null ? "" : last.toString();
            if (isEntry(entry) && target.equals(target(link, entry))) {
                return entry;
            }
        }
        throw new StoreLayoutException(link, "expected a symbolic link to " + up(link) + "/ and an entry's name");
    }

    /** Whether this may be the name of an entry that links lead to: graphic ASCII, no slash. */
    static boolean isEntry(String name) {
        return !name.isEmpty()
                && !name.equals(".")
                && !name.equals("..")
                && name.length() <= MAX_NAME
                && name.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '/');
    }

    private Path target(Path link, String entry) {
        return up(link).resolve(entry);
    }

    private Path up(Path link) {
        Path up = Path.of("..");
        for (int i = folder.relativize(link).getNameCount(); i > 1; i--) {
            up = up.resolve("..");
        }
        return up;
    }

    private Path path(String name) throws StoreException {
        String[] levels = name.split("/", -1);
        if (levels.length > MAX_LEVELS) {
            throw new StoreException(
                    "store: reference " + Quoted.text(name) + " has " + levels.length + " levels, limit " + MAX_LEVELS);
        }
        Path path = folder;
        for (String level : levels) {
            path = PathBytes.resolve(path, nameBytes(level, "reference " + Quoted.text(name)));
        }
        return path;
    }

    /** A file name's bytes. */
    static byte[] nameBytes(String name, String what) throws StoreException {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > MAX_NAME) {
            throw new StoreException("store: " + what + " has a name of " + bytes.length + " bytes, limit " + MAX_NAME);
        }
        if (name.isEmpty() || name.equals(".") || name.equals("..") || name.indexOf(0) >= 0 || name.indexOf('/') >= 0) {
            throw new StoreException("store: " + what + " cannot be a file's name");
        }
        return bytes;
    }
}
