package dev.bulla.composefs;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.DeviceNode;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.composefs.tree.Fifo;
import dev.bulla.composefs.tree.FileContent;
import dev.bulla.composefs.tree.HardLink;
import dev.bulla.composefs.tree.Leaf;
import dev.bulla.composefs.tree.Metadata;
import dev.bulla.composefs.tree.RegularFile;
import dev.bulla.composefs.tree.Socket;
import dev.bulla.composefs.tree.Symlink;
import dev.bulla.composefs.tree.Timestamp;
import dev.bulla.linux.FileStatus;
import dev.bulla.linux.PathBytes;
import dev.bulla.linux.SymbolicLinks;
import dev.bulla.linux.Xattrs;
import dev.bulla.oci.Quoted;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Makes a tree of a folder, as {@code mkcomposefs} does: every name is an inode of its own with one link, a file of up to
 * 64 bytes stands in the image, and every other one is named by its fs-verity digest. Where it is asked for, the names of
 * one file are one inode, which stands under the first of them in the order of a dump.
 */
final class DirectoryScan {
    /** The largest file that is kept in the image. */
    static final int MAX_INLINE = 64;

    private static final int BUFFER = 1 << 16;
    private static final ByteString NUL = ByteString.of(new byte[1]);
    private static final ByteString USER_PREFIX = ByteString.utf8("user.");

    /**
     * What to leave out, and where to put content.
     *
     * @param digestStore where files go that are not kept in the image; empty: nowhere
     * @param useEpoch all times are zero
     * @param skipDevices devices are left out
     * @param skipXattrs attributes are left out
     * @param userXattrs attributes are left out but for {@code user.*}
     * @param hardLinks a file's several names are one inode
     * @param algorithm how digests are computed
     * @param threads how many files are read at a time
     */
    record Options(
            Optional<Path> digestStore,
            boolean useEpoch,
            boolean skipDevices,
            boolean skipXattrs,
            boolean userXattrs,
            boolean hardLinks,
            VerityAlgorithm algorithm,
            int threads) {

        /** Collects them, each at its default. */
        static final class Builder {
            Optional<Path> digestStore = Optional.empty();
            boolean useEpoch;
            boolean skipDevices;
            boolean skipXattrs;
            boolean userXattrs;
            boolean hardLinks;
            VerityAlgorithm algorithm = VerityAlgorithm.SHA256_4K;
            int threads = Runtime.getRuntime().availableProcessors();

            Options build() {
                return new Options(
                        digestStore, useEpoch, skipDevices, skipXattrs, userXattrs, hardLinks, algorithm, threads);
            }
        }
    }

    /** A regular file whose content is being read. */
    private record Reading(Directory parent, ByteString name, Metadata metadata, Future<FileContent> content) {}

    /**
     * A folder whose entries have not been seen.
     *
     * @param key its place, see {@link Place}
     */
    private record Open(Path path, Directory directory, ByteString key) {}

    /** A file, whatever its names. */
    private record FileId(long fileSystem, long inode) {}

    /**
     * A name of a file that has several.
     *
     * @param key its path with a NUL before each name; in the order of these a dump's lines stand
     */
    private record Place(ByteString key, Directory parent, ByteString name) {}

    private final Options options;
    private final Deque<Open> open = new ArrayDeque<>();
    private final List<Reading> reading = new ArrayList<>();
    /** The names of each file that says that it has several, in the order in which they were met. */
    private final Map<FileId, List<Place>> linked = new LinkedHashMap<>();

    private DirectoryScan(Options options) {
        this.options = options;
    }

    /** The tree of a folder. */
    static Directory scan(Path source, Options options) throws IOException {
        FileStatus status = FileStatus.of(source);
        if (!isType(status, FileStatus.TYPE_DIRECTORY)) {
            throw new ComposefsException(Quoted.text(source.toString()) + ": not a directory");
        }
        DirectoryScan scan = new DirectoryScan(options);
        Directory root = new Directory(scan.metadata(source, status));
        scan.open.add(new Open(source, root, ByteString.EMPTY));
        try (ExecutorService threads = Executors.newFixedThreadPool(options.threads)) {
            try {
                while (!scan.open.isEmpty()) {
                    scan.read(scan.open.remove(), threads);
                }
                for (Reading file : scan.reading) {
                    file.parent.put(file.name, new RegularFile(file.metadata, await(file.content)));
                }
            } catch (IOException e) {
                threads.shutdownNow();
                throw e;
            }
        }
        scan.linked.values().forEach(DirectoryScan::link);
        return root;
    }

    /** Lets a file stand under the first of its names. */
    private static void link(List<Place> names) {
        Place met = names.getFirst();
        if (!(met.parent.get(met.name).orElseThrow() instanceof Leaf leaf)) {
            throw new IllegalStateException("a directory is no file of several names");
        }
        names.sort(Comparator.comparing(Place::key));
        Place first = names.getFirst();
        first.parent.put(first.name, leaf);
        for (Place place : names.subList(1, names.size())) {
            place.parent.put(place.name, new HardLink(leaf));
        }
    }

    private static FileContent await(Future<FileContent> content) throws IOException {
        try {
            return content.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException io -> throw io;
                case RuntimeException defect -> throw defect;
                case Error error -> throw error;
                case null, default -> throw new IllegalStateException(e);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ComposefsException("interrupted while files were read", e);
        }
    }

    private void read(Open folder, ExecutorService threads) throws IOException {
        try (DirectoryStream<Path> children = Files.newDirectoryStream(folder.path)) {
            for (Path child : children) {
                add(folder, child, threads);
            }
        } catch (DirectoryIteratorException e) {
            throw e.getCause();
        }
    }

    private void add(Open folder, Path path, ExecutorService threads) throws IOException {
        Directory parent = folder.directory;
        FileStatus status = FileStatus.of(path);
        ByteString name = ByteString.of(PathBytes.nameOf(path));
        int type = status.mode() & FileStatus.TYPE_MASK;
        if (options.skipDevices && (type == FileStatus.TYPE_CHARACTER || type == FileStatus.TYPE_BLOCK)) {
            return;
        }
        if (options.hardLinks && status.links() > 1 && type != FileStatus.TYPE_DIRECTORY) {
            List<Place> names =
                    linked.computeIfAbsent(new FileId(status.fileSystem(), status.inode()), id -> new ArrayList<>());
            names.add(new Place(key(folder, name), parent, name));
            if (names.size() > 1) {
                return; // it is read under the name that was met first
            }
        }
        Metadata metadata = metadata(path, status);
        Optional<FileType> known = FileType.ofMode(status.mode());
        if (known.isEmpty()) {
            throw new ComposefsException(Quoted.text(path.toString()) + ": unknown file type in mode 0"
                    + Integer.toOctalString(status.mode()));
        }
        switch (known.get()) {
            case DIRECTORY -> {
                Directory directory = new Directory(metadata);
                parent.put(name, directory);
                open.add(new Open(path, directory, options.hardLinks ? key(folder, name) : ByteString.EMPTY));
            }
            case REGULAR ->
                reading.add(new Reading(parent, name, metadata, threads.submit(() -> content(path, status.size()))));
            case SYMLINK -> {
                ByteString target = ByteString.of(SymbolicLinks.target(path));
                put(parent, name, new Symlink(metadata, target));
            }
            case CHARACTER -> put(parent, name, device(metadata, DeviceNode.Kind.CHARACTER, status));
            case BLOCK -> put(parent, name, device(metadata, DeviceNode.Kind.BLOCK, status));
            case FIFO -> put(parent, name, new Fifo(metadata));
            case SOCKET -> put(parent, name, new Socket(metadata));
        }
    }

    private static ByteString key(Open folder, ByteString name) {
        return folder.key.concat(NUL).concat(name);
    }

    private static void put(Directory parent, ByteString name, Leaf leaf) {
        parent.put(name, leaf);
    }

    private static DeviceNode device(Metadata metadata, DeviceNode.Kind kind, FileStatus status) {
        long major = status.deviceMajor();
        long minor = status.deviceMinor();
        // The C library's packing of a device number, of which an image keeps 32 bits.
        long rdev = (minor & 0xff) | (major & 0xfff) << 8 | (minor & ~0xffL) << 12;
        return new DeviceNode(metadata, kind, rdev & 0xffff_ffffL);
    }

    private static boolean isType(FileStatus status, int type) {
        return (status.mode() & FileStatus.TYPE_MASK) == type;
    }

    private Metadata metadata(Path path, FileStatus status) throws IOException {
        Timestamp mtime = options.useEpoch
                ? Timestamp.EPOCH
                : new Timestamp(status.modifiedSeconds(), status.modifiedNanoseconds());
        return new Metadata(status.mode() & 07777, status.uid(), status.gid(), mtime, xattrs(path));
    }

    private Map<ByteString, ByteString> xattrs(Path path) throws IOException {
        if (options.skipXattrs) {
            return Map.of();
        }
        Map<ByteString, ByteString> xattrs = new LinkedHashMap<>();
        for (byte[] bytes : Xattrs.list(path)) {
            ByteString name = ByteString.of(bytes);
            if (options.userXattrs && !name.startsWith(USER_PREFIX)) {
                continue;
            }
            Optional<byte[]> value = Xattrs.get(path, bytes);
            if (value.isEmpty()) {
                throw new ComposefsException(Quoted.text(path.toString()) + ": xattr " + Quoted.text(name.toString())
                        + " went away while it was read");
            }
            xattrs.put(name, ByteString.of(value.get()));
        }
        return xattrs;
    }

    private FileContent content(Path path, long size) throws IOException {
        if (size == 0) {
            return new FileContent.Empty();
        }
        try (InputStream file = Files.newInputStream(path, LinkOption.NOFOLLOW_LINKS)) {
            if (size <= MAX_INLINE) {
                byte[] bytes = file.readNBytes(MAX_INLINE + 1);
                requireSize(path, size, bytes.length);
                return new FileContent.Inline(bytes);
            }
            FsVerityDigester digester = new FsVerityDigester(options.algorithm);
            byte[] buffer = new byte[BUFFER];
            int got;
            while ((got = file.read(buffer)) >= 0) {
                digester.update(buffer, 0, got);
            }
            requireSize(path, size, digester.size());
            VerityDigest digest = digester.finish();
            if (options.digestStore.isPresent()) {
                DigestStore.add(options.digestStore.get(), path, digest);
            }
            return FileContent.External.of(size, digest);
        }
    }

    private static void requireSize(Path path, long expected, long got) throws ComposefsException {
        if (got != expected) {
            throw new ComposefsException(Quoted.text(path.toString()) + ": changed while it was read: got " + got
                    + " bytes, expected " + expected);
        }
    }
}
