package dev.bulla.kbs.store;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.SymmetricKey;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Keeps bytes in a folder, a file a key; in the file's name each {@code /} of the key is {@code \x2F}, as in Trustee's
 * {@code LocalFs}.
 *
 * <p>A file is written beside its place, forced to the disk and renamed, and the folder is forced too: after a crash there are
 * the old bytes or the new. Folder and files are their owner's alone.
 *
 * <p><b>Security.</b> With a key every file is sealed for its folder and its key (see {@link BlobSeal}); one that is not, or is another's, is
 * refused. Links are not followed. Without a key a sealed file is refused, not given out as it stands.
 */
public final class FolderStore implements BlobStore {
    /** The longest content. */
    public static final int MAX_LENGTH = 64 * 1024 * 1024;

    /** How many files a folder may have. */
    public static final int MAX_FILES = 1 << 20;

    private static final String SLASH = "\\x2F";

    /** File systems have no longer names. */
    private static final int MAX_FILE_NAME = 255;

    private static final String PART = ".part-";

    private final Path folder;
    private final boolean nested;
    private final String namespace;
    private final Optional<BlobSeal> seal;
    private final Object writing = new Object();

    private FolderStore(Path folder, boolean nested, String namespace, Optional<BlobSeal> seal) {
        this.folder = folder;
        this.nested = nested;
        this.namespace = namespace;
        this.seal = seal;
    }

    /**
     * Opens {@code root/namespace}, which is made if it is not there.
     *
     * @param key under which files are sealed; the caller wipes it when nobody uses the store any more
     * @param random for nonces and names
     */
    public static FolderStore open(Path root, String namespace, Optional<SymmetricKey> key, SecureRandom random)
            throws StoreException {
        BlobStore.requireKey(namespace);
        Path folder = root.resolve(namespace);
        makeFolder(folder);
        try (DirectoryStream<Path> left = Files.newDirectoryStream(folder, PART + "*")) {
            for (Path part : left) {
                Files.delete(part); // of a process that ended while it wrote
            }
        } catch (IOException | DirectoryIteratorException e) {
            throw new StoreException("folder " + folder + ": cannot be opened", e);
        }
        return new FolderStore(folder, false, namespace, key.map(given -> new BlobSeal(given, random)));
    }

    /**
     * Opens a folder in which each part of a key but the last is a folder, as Trustee had it before {@code LocalFs}.
     *
     * @param folder the folder
     * @param namespace for what files are sealed
     * @param key as with {@link #open}
     * @param random as with {@link #open}
     */
    public static FolderStore openNested(Path folder, String namespace, Optional<SymmetricKey> key, SecureRandom random)
            throws StoreException {
        makeFolder(folder);
        return new FolderStore(folder, true, namespace, key.map(given -> new BlobSeal(given, random)));
    }

    private static void makeFolder(Path folder) throws StoreException {
        try {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        } catch (IOException e) {
            throw new StoreException("folder " + folder + ": cannot be made", e);
        }
    }

    private Path file(String key) throws StoreException {
        BlobStore.requireKey(key);
        if (nested) {
            Path file = folder;
            for (String part : key.split("/", -1)) {
                if (part.isEmpty() || part.startsWith(".") || part.length() > MAX_FILE_NAME) {
                    throw new StoreException("not a key of nested folders: a part is empty, begins with a dot or is"
                            + " longer than " + MAX_FILE_NAME);
                }
                file = file.resolve(part);
            }
            return file;
        }
        String name = key.replace("/", SLASH);
        if (name.length() > MAX_FILE_NAME) {
            throw new StoreException("key of " + key.length() + " characters: as a file's name " + name.length()
                    + ", limit " + MAX_FILE_NAME);
        }
        return folder.resolve(name);
    }

    private String place(String key) {
        return namespace + "/" + key;
    }

    @Override
    public void put(String key, byte[] content) throws StoreException {
        Path file = file(key);
        if (content.length > MAX_LENGTH) {
            throw new StoreException(place(key) + ": " + content.length + " bytes, limit " + MAX_LENGTH);
        }
        byte[] bytes = seal.isPresent() ? seal.get().seal(place(key), content) : content;
        if (seal.isEmpty() && BlobSeal.isSealed(content)) {
            throw new StoreException(place(key) + ": the content looks sealed, and no key is given");
        }
        Path parent = requireNonNull(file.getParent());
        synchronized (writing) {
            makeFolder(parent);
            try {
                Path part = Files.createTempFile(
                        parent,
                        PART,
                        "",
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                try {
                    try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
                        ByteBuffer buffer = ByteBuffer.wrap(bytes);
                        while (buffer.hasRemaining()) {
                            channel.write(buffer);
                        }
                        channel.force(true);
                    }
                    Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
                } finally {
                    Files.deleteIfExists(part);
                }
                forceFolder(parent);
            } catch (IOException e) {
                throw new StoreException(place(key) + ": cannot be written", e);
            }
        }
    }

    @Override
    public Optional<byte[]> get(String key) throws StoreException {
        Path file = file(key);
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS)) {
            int most = MAX_LENGTH + BlobSeal.OVERHEAD;
            bytes = in.readNBytes(most + 1);
            if (bytes.length > most) {
                throw new StoreException(place(key) + ": more than " + MAX_LENGTH + " bytes");
            }
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new StoreException(place(key) + ": cannot be read", e);
        }
        if (seal.isPresent()) {
            return Optional.of(seal.get().open(place(key), bytes));
        }
        if (BlobSeal.isSealed(bytes)) {
            throw new StoreException(place(key) + ": it is sealed, and no key is given");
        }
        return Optional.of(bytes);
    }

    @Override
    public boolean remove(String key) throws StoreException {
        Path file = file(key);
        synchronized (writing) {
            try {
                boolean removed = Files.deleteIfExists(file);
                if (removed) {
                    forceFolder(requireNonNull(file.getParent()));
                }
                return removed;
            } catch (IOException e) {
                throw new StoreException(place(key) + ": cannot be removed", e);
            }
        }
    }

    @Override
    public List<Entry> list() throws StoreException {
        List<Entry> entries = new ArrayList<>();
        try {
            list(folder, "", entries);
        } catch (IOException | DirectoryIteratorException e) {
            throw new StoreException("folder " + folder + ": cannot be read", e);
        }
        entries.sort(Comparator.comparing(Entry::key));
        return List.copyOf(entries);
    }

    private void list(Path in, String prefix, List<Entry> entries) throws IOException, StoreException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(in)) {
            for (Path file : files) {
                String name = requireNonNull(file.getFileName()).toString();
                BasicFileAttributes attributes;
                try {
                    attributes = Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                } catch (NoSuchFileException e) {
                    continue; // it was removed meanwhile
                }
                String key = prefix + (nested ? name : name.replace(SLASH, "/"));
                if (name.startsWith(".")) {
                    continue;
                }
                if (nested && attributes.isDirectory() && key.length() < MAX_KEY_LENGTH) {
                    list(file, key + "/", entries);
                }
                if (!attributes.isRegularFile()) {
                    continue;
                }
                if (entries.size() == MAX_FILES) {
                    throw new StoreException("folder " + folder + ": more than " + MAX_FILES + " files");
                }
                long size = seal.isPresent() ? Math.max(0, attributes.size() - BlobSeal.OVERHEAD) : attributes.size();
                entries.add(new Entry(key, size, attributes.lastModifiedTime().toInstant()));
            }
        }
    }

    private static void forceFolder(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, Set.of(StandardOpenOption.READ))) {
            channel.force(true);
        }
    }
}
