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
import dev.bulla.oci.Quoted;
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
 * <p>A store has one way to name objects, which its {@code meta.json} says; files named in another stay untouched. Safe for
 * use by several threads, and by several processes at once. While it is open it holds a shared flock on the store's folder, which whoever deletes
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
    private final MetadataFile metadata;
    private final ObjectVerity verity;
    private final Flock lock;
    private final boolean writable;
    private final AtomicLong numbers = new AtomicLong();
    private final AtomicIntegerArray checkedPrefixes = new AtomicIntegerArray(PREFIXES);

    private ObjectStore(StoreLayout layout, MetadataFile metadata, FsVerity verity, Flock lock, boolean writable) {
        this.layout = layout;
        this.metadata = metadata;
        this.verity =
                new ObjectVerity(verity, layout.store(), new ObjectVerity.Policy(writable, metadata.verityRequired()));
        this.lock = lock;
        this.writable = writable;
    }

    /**
     * Opens a store, creates what is missing of it, and deletes what dead pulls left in staging. Waits while objects are
     * being deleted. A new store gets its {@code meta.json}, as does one from before there was that.
     *
     * @param store its folder
     * @param algorithm how its objects are named
     * @throws StoreLayoutException when it is not a store of ours: a link or a file for a folder, a foreign owner, or
     *     writable by others
     * @throws RepositoryMetadataException when its {@code meta.json} cannot be used, or names another algorithm
     */
    public static ObjectStore open(Path store, VerityAlgorithm algorithm) throws IOException {
        return open(store, algorithm, FsVerity.ofKernel());
    }

    static ObjectStore open(Path store, VerityAlgorithm algorithm, FsVerity verity) throws IOException {
        requireNonNull(algorithm, "algorithm is null");
        return openForWriting(StoreLayout.create(store), Optional.of(algorithm), verity);
    }

    /**
     * Opens a store as {@link #open} does, whatever algorithm it has.
     *
     * @param algorithmIfNew how the objects of a new store are named
     */
    public static ObjectStore openOrCreate(Path store, VerityAlgorithm algorithmIfNew) throws IOException {
        requireNonNull(algorithmIfNew, "algorithmIfNew is null");
        StoreLayout layout = StoreLayout.create(store);
        FsVerity verity = FsVerity.ofKernel();
        boolean known = MetadataFile.read(layout, verity).isPresent()
                || MetadataFile.infer(layout, verity).isPresent();
        return openForWriting(layout, known ? Optional.empty() : Optional.of(algorithmIfNew), verity);
    }

    /**
     * Opens a store that is there, for reading and writing, under the algorithm that its {@code meta.json} names. One from
     * before there was that file gets it, if it has an object to tell the algorithm by.
     *
     * @throws StoreLayoutException when there is no store, or it is not one of ours as {@link #open} wants it
     * @throws RepositoryMetadataException when its {@code meta.json} cannot be used
     */
    public static ObjectStore openExisting(Path store) throws IOException {
        return openExisting(store, FsVerity.ofKernel());
    }

    static ObjectStore openExisting(Path store, FsVerity verity) throws IOException {
        StoreLayout layout = StoreLayout.existing(store, false);
        layout.requireRepository();
        StoreLayout.createFolder(layout.staging(), StoreLayout.PRIVATE_FOLDER);
        return openForWriting(layout, Optional.empty(), verity);
    }

    private static ObjectStore openForWriting(StoreLayout layout, Optional<VerityAlgorithm> algorithm, FsVerity verity)
            throws IOException {
        Flock lock = Flock.shared(layout.store());
        try {
            Staging.sweep(layout);
            Optional<MetadataFile> found = MetadataFile.read(layout, verity);
            MetadataFile metadata = found.isPresent() ? found.orElseThrow() : create(layout, algorithm, verity);
            requireUsable(layout, metadata.metadata(), algorithm);
            layout.createFolders();
            return new ObjectStore(layout, metadata, verity, lock, true);
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    /** Writes the file that a new store, or an older one, has not. */
    private static MetadataFile create(StoreLayout layout, Optional<VerityAlgorithm> algorithm, FsVerity verity)
            throws IOException {
        ObjectVerity enabling = new ObjectVerity(verity, layout.store(), new ObjectVerity.Policy(true, false));
        Optional<MetadataFile> inferred = MetadataFile.infer(layout, verity);
        if (inferred.isEmpty() && algorithm.isEmpty()) {
            throw noObject(layout);
        }
        MetadataFile content = inferred.isPresent()
                ? inferred.orElseThrow()
                : new MetadataFile(
                        RepositoryMetadata.of(algorithm.orElseThrow()), enabling.isOffered(algorithm.orElseThrow()));
        requireUsable(layout, content.metadata(), algorithm);
        MetadataFile.create(layout, enabling, content);
        // What stands there now is what counts, should another process have been first.
        return MetadataFile.read(layout, verity).orElseThrow(() -> noObject(layout));
    }

    private static RepositoryMetadataException noObject(StoreLayout layout) {
        return new RepositoryMetadataException(
                layout.metadata().toString(), "missing, and there is no object to tell the algorithm by");
    }

    private static void requireUsable(
            StoreLayout layout, RepositoryMetadata metadata, Optional<VerityAlgorithm> algorithm)
            throws RepositoryMetadataException {
        String where = layout.metadata().toString();
        if (algorithm.isPresent() && algorithm.orElseThrow() != metadata.algorithm()) {
            throw new RepositoryMetadataException(
                    where, "algorithm " + metadata.algorithm() + ", expected " + algorithm.orElseThrow());
        }
        if (!metadata.unknownReadOnlyCompatible().isEmpty()) {
            throw new RepositoryMetadataException(
                    where,
                    "unknown feature "
                            + Quoted.text(metadata.unknownReadOnlyCompatible().getFirst())
                            + ": the repository can only be read");
        }
    }

    /**
     * Opens a store that is there, of any owner, and writes nothing. Waits while objects are being deleted.
     *
     * @throws StoreLayoutException when there is no store, or a link or a file for a folder
     * @throws RepositoryMetadataException when its {@code meta.json} cannot be used
     */
    public static ObjectStore openForReading(Path store) throws IOException {
        return openForReading(store, FsVerity.ofKernel());
    }

    static ObjectStore openForReading(Path store, FsVerity verity) throws IOException {
        StoreLayout layout = StoreLayout.existing(store, true);
        layout.requireRepository();
        Flock lock = Flock.shared(layout.store());
        try {
            Optional<MetadataFile> found = MetadataFile.read(layout, verity);
            Optional<MetadataFile> metadata = found.isPresent() ? found : MetadataFile.infer(layout, verity);
            return new ObjectStore(layout, metadata.orElseThrow(() -> noObject(layout)), verity, lock, false);
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    /** What the repository says of itself. */
    public RepositoryMetadata metadata() {
        return metadata.metadata();
    }

    /**
     * Whether the repository requires fs-verity of every object: it is on for its {@code meta.json}. Objects without it are
     * refused then.
     */
    public boolean requiresVerity() {
        return metadata.verityRequired();
    }

    void requireWritable() throws StoreException {
        if (!writable) {
            throw new StoreException("store: " + layout.store() + " is open for reading");
        }
    }

    void syncFileSystem() throws IOException {
        lock.folder().syncFileSystem();
    }

    /** The store's folder, without links. */
    public Path folder() {
        return layout.store();
    }

    /** The folder of the objects, an overlay's data layer. */
    public Path objects() {
        return layout.objects();
    }

    /** How the objects are named. */
    public VerityAlgorithm algorithm() {
        return metadata.metadata().algorithm();
    }

    /** The names given to images. */
    public References references() {
        return new References(layout, algorithm(), writable);
    }

    /** The streams, and the names given to them. */
    public Streams streams() {
        return new Streams(this, layout);
    }

    /**
     * Whether the store's file system has fs-verity; tried once, with a file. A store that is open for reading says whether it
     * {@linkplain #requiresVerity() requires} it.
     */
    public boolean offersVerity() throws IOException {
        return verity.isOffered(algorithm());
    }

    /**
     * Starts a new file in a pull's staging folder.
     *
     * @param stagingFolder {@link Staging#folder()}, or a folder in it
     */
    public StagedFile stage(Path stagingFolder) throws IOException {
        requireWritable();
        return StagedFile.create(stagingFolder, numbers, algorithm());
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
            verity.measure(file, path, digest);
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

    /**
     * Opens an object that has been checked: what is read through the file is what was measured, or hashed where there is no
     * fs-verity.
     *
     * @return the file, when it is there and holds what its name says
     * @throws BrokenObjectException when it is there and does not
     */
    public Optional<OpenFile> openVerified(VerityDigest digest) throws IOException {
        Optional<OpenFile> file = openIfThere(digest);
        if (file.isPresent()) {
            try {
                verity.check(file.orElseThrow(), path(digest), digest);
            } catch (IOException | RuntimeException e) {
                file.orElseThrow().close();
                throw e;
            }
        }
        return file;
    }

    /**
     * An object's bytes, read once: where there is no fs-verity they are hashed as they go by, and reading their end throws a
     * {@link BrokenObjectException} when they are not what the name says.
     *
     * @return its bytes, when it is there
     * @throws BrokenObjectException when it is there and the kernel measures something else
     */
    public Optional<VerifiedInput> stream(VerityDigest digest) throws IOException {
        Optional<OpenFile> opened = openIfThere(digest);
        if (opened.isEmpty()) {
            return Optional.empty();
        }
        OpenFile file = opened.orElseThrow();
        try {
            Path path = path(digest);
            FileStatus status = file.status();
            if (!status.isRegular()) {
                throw new BrokenObjectException(path, digest, StoreLayout.kind(status));
            }
            boolean measured = verity.measure(file, path, digest).isPresent();
            return Optional.of(new VerifiedInput(file, path, digest, status.size(), measured));
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private Optional<OpenFile> openIfThere(VerityDigest digest) throws IOException {
        try {
            return Optional.of(openObject(digest));
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private OpenFile openObject(VerityDigest digest) throws IOException {
        try {
            return lock.folder().readBeneath("objects/" + digest.objectPath());
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
        requireWritable();
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
        requireWritable();
        if (staged.isEmpty()) {
            return;
        }
        // Contents first, names second: a crash must not leave a name on an object without its bytes.
        syncFileSystem();
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
        syncFileSystem();
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

    /**
     * Takes away what stands under an object's name and is not the object, so that the object can be published. A mounted
     * image that uses it fails as it did.
     *
     * @return whether there was such a file
     */
    public boolean removeBroken(VerityDigest digest) throws IOException {
        requireWritable();
        try {
            find(digest);
            return false;
        } catch (BrokenObjectException e) {
            return Files.deleteIfExists(path(digest));
        }
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
            verity.seal(file, digest);
            createPrefix(digest);
            Renames.withoutReplacing(file, from, to);
        } catch (LinuxException e) {
            if (!e.is(Errno.EEXIST) || find(digest).isEmpty()) {
                throw e;
            }
            // Another thread or process was first, with the same bytes as we have just seen.
            staged.discard();
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
        lock.close();
    }
}
