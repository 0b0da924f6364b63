package dev.bulla.composefs.store;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.FsVerityDigester;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.linux.Errno;
import dev.bulla.linux.FileStatus;
import dev.bulla.linux.Flock;
import dev.bulla.linux.FsVerity;
import dev.bulla.linux.LinuxException;
import dev.bulla.linux.OpenFile;
import dev.bulla.linux.Renames;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A store of content files, each named by its fs-verity digest.
 *
 * <p>One hash function an opening; files of another that are in the store stay untouched. Safe for use by several threads,
 * and by several processes at once. While it is open it holds a shared flock on the store's folder, which whoever deletes
 * objects takes exclusively.
 *
 * <p><b>Security.</b> A file becomes an object only when it is complete, on the disk, and, where the file system has
 * fs-verity, immutable and measured by the kernel to be what was written. A file that is there already counts as stored only
 * after it has been measured, or hashed where it cannot be; one that is broken is refused and left alone. Symbolic links
 * inside the store are not followed.
 */
public final class ObjectStore implements AutoCloseable {
    private static final int OBJECT_PERMISSIONS = 0644;
    private static final int PREFIXES = 256;

    private final StoreLayout layout;
    private final VerityAlgorithm algorithm;
    private final ObjectVerity verity;
    private final Flock lock;
    private final OpenFile objects;
    private final AtomicLong numbers = new AtomicLong();
    private final AtomicIntegerArray checkedPrefixes = new AtomicIntegerArray(PREFIXES);

    private ObjectStore(
            StoreLayout layout, VerityAlgorithm algorithm, ObjectVerity verity, Flock lock, OpenFile objects) {
        this.layout = layout;
        this.algorithm = algorithm;
        this.verity = verity;
        this.lock = lock;
        this.objects = objects;
    }

    /**
     * Opens a store, creates what is missing of it, and deletes what dead pulls left in staging. Waits while objects are
     * being deleted.
     *
     * @param store its folder
     * @param algorithm the hash function of what will be stored
     * @throws StoreLayoutException when it is not a store of ours: a link or a file for a folder, a foreign owner, or
     *     writable by others
     */
    public static ObjectStore open(Path store, VerityAlgorithm algorithm) throws IOException {
        return open(store, algorithm, FsVerity.ofKernel());
    }

    static ObjectStore open(Path store, VerityAlgorithm algorithm, FsVerity verity) throws IOException {
        requireNonNull(algorithm, "algorithm is null");
        StoreLayout layout = StoreLayout.create(store);
        Flock lock = Flock.shared(layout.store());
        try {
            Staging.sweep(layout);
            OpenFile objects = OpenFile.directory(layout.objects());
            return new ObjectStore(layout, algorithm, new ObjectVerity(verity, layout.store()), lock, objects);
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    /** The store's folder, without links. */
    public Path folder() {
        return layout.store();
    }

    /** The folder of the objects, an overlay's data layer. */
    public Path objects() {
        return layout.objects();
    }

    /** The hash function of what is stored through this opening. */
    public VerityAlgorithm algorithm() {
        return algorithm;
    }

    /** The names given to images. */
    public References references() {
        return new References(layout);
    }

    /** Whether the store's file system has fs-verity; tried once, with a file. */
    public boolean offersVerity() throws IOException {
        return verity.isOffered(algorithm);
    }

    /**
     * Starts a new file in a pull's staging folder.
     *
     * @param stagingFolder {@link Staging#folder()}, or a folder in it
     */
    public StagedFile stage(Path stagingFolder) throws IOException {
        return StagedFile.create(stagingFolder, numbers, algorithm);
    }

    /** Where the object of this digest is, or would be. Says nothing about what is there. */
    public Path path(VerityDigest digest) {
        return layout.objects().resolve(digest.objectPath());
    }

    /** Where the image of this digest is, or would be: a symbolic link to its object. Says nothing about what is there. */
    public Path imagePath(VerityDigest digest) {
        return layout.images().resolve(digest.hex());
    }

    /**
     * Looks an object up, and checks it.
     *
     * @return its path, when it is there and holds what its name says
     * @throws BrokenObjectException when it is there and does not
     */
    public Optional<Path> find(VerityDigest digest) throws IOException {
        Path path = path(digest);
        try (OpenFile file = openObject(digest)) {
            verity.check(file, path, digest);
            return Optional.of(path);
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /**
     * Reads a small object whole, and checks the very bytes that are given.
     *
     * @param limit the most bytes to take
     * @return its bytes, when it is there and holds what its name says
     * @throws BrokenObjectException when it is there and does not
     * @throws StoreException when it is larger than the limit
     */
    public Optional<byte[]> read(VerityDigest digest, int limit) throws IOException {
        Path path = path(digest);
        try (OpenFile file = openObject(digest);
                InputStream in = file.inputStream()) {
            FileStatus status = file.status();
            if (!status.isRegular()) {
                throw new BrokenObjectException(path, digest, StoreLayout.kind(status));
            }
            if (status.size() > limit) {
                throw new StoreException("store: object " + path + ": got " + status.size() + " bytes, limit " + limit);
            }
            byte[] bytes = in.readNBytes(limit);
            VerityDigest got = FsVerityDigester.of(digest.algorithm(), bytes);
            if (!got.equals(digest)) {
                throw new BrokenObjectException(path, digest, "fs-verity digest " + got);
            }
            return Optional.of(bytes);
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private OpenFile openObject(VerityDigest digest) throws IOException {
        try {
            return objects.readBeneath(digest.objectPath());
        } catch (LinuxException e) {
            if (e.is(Errno.ELOOP) || e.is(Errno.ENXIO) || e.is(Errno.EXDEV)) {
                throw new BrokenObjectException(
                        path(digest), digest, "neither a regular file nor nothing (" + e.getMessage() + ")");
            }
            throw e;
        }
    }

    /**
     * Makes one staged file an object, synced by itself. For many, {@link #publish(Collection)} is far cheaper.
     *
     * @throws BrokenObjectException when a file that stands under its name holds something else
     */
    public void publish(StagedObject staged) throws IOException {
        try (OpenFile file = OpenFile.readNoFollow(staged.file())) {
            file.sync();
        }
        place(staged);
    }

    /**
     * Makes staged files objects: syncs the file system once, then names them. When it fails, some may have become objects,
     * which does no harm; the others stay staged.
     *
     * @throws BrokenObjectException when a file that stands under the name of one of them holds something else
     */
    public void publish(Collection<StagedObject> staged) throws IOException {
        if (staged.isEmpty()) {
            return;
        }
        // Contents first, names second: a crash must not leave a name on an object without its bytes.
        objects.syncFileSystem();
        for (StagedObject object : staged) {
            place(object);
        }
    }

    /**
     * Makes a staged file an object, and an image that may be mounted. All objects published before are on the disk before
     * the image has its name.
     *
     * @throws StoreLayoutException when something else stands under the image's name
     */
    public VerityDigest publishImage(StagedObject staged) throws IOException {
        publish(List.of(staged));
        objects.syncFileSystem();
        VerityDigest digest = staged.digest();
        Path link = imagePath(digest);
        Path target = Path.of("../objects", digest.objectPath());
        try {
            Files.createSymbolicLink(link, target);
        } catch (FileAlreadyExistsException e) {
            if (!Files.isSymbolicLink(link) || !Files.readSymbolicLink(link).equals(target)) {
                throw new StoreLayoutException(link, "expected a symbolic link to " + target);
            }
        }
        return digest;
    }

    private void place(StagedObject staged) throws IOException {
        VerityDigest digest = staged.digest();
        if (find(digest).isPresent()) {
            staged.discard();
            return;
        }
        Path from = staged.file();
        Path to = path(digest);
        try (OpenFile file = OpenFile.readNoFollow(from)) {
            FileStatus status = file.status();
            if (!status.isRegular() || status.size() != staged.size()) {
                throw new StoreException("store: staged file " + from + ": got " + StoreLayout.kind(status) + " of "
                        + status.size() + " bytes, expected a regular file of " + staged.size());
            }
            file.setPermissions(OBJECT_PERMISSIONS);
            if (verity.isOffered(digest.algorithm())) {
                verity.enable(file, digest);
            }
            createPrefix(digest);
            name(file, from, to);
        } catch (LinuxException e) {
            if (!e.is(Errno.EEXIST) || find(digest).isEmpty()) {
                throw e;
            }
            // Another thread or process was first, with the same bytes as we have just seen.
            staged.discard();
        }
    }

    private static void name(OpenFile file, Path from, Path to) throws IOException {
        try {
            Renames.withoutReplacing(from, to);
        } catch (LinuxException e) {
            if (!e.is(Errno.EINVAL)) {
                throw e;
            }
            // A file system that cannot rename without replacing can still link, which never replaces.
            file.linkTo(to);
            Files.delete(from);
        }
    }

    private void createPrefix(VerityDigest digest) throws IOException {
        String prefix = digest.hex().substring(0, 2);
        int index = Integer.parseInt(prefix, 16);
        if (checkedPrefixes.get(index) == 0) {
            StoreLayout.createFolder(layout.objects().resolve(prefix), StoreLayout.PUBLIC_FOLDER);
            checkedPrefixes.set(index, 1);
        }
    }

    /** Whether an image of this digest has been published; says nothing about what its bytes are now. */
    public boolean hasImage(VerityDigest digest) {
        return Files.exists(imagePath(digest), LinkOption.NOFOLLOW_LINKS);
    }

    /** Ends the store's lock. */
    @Override
    public void close() {
        objects.close();
        lock.close();
    }
}
