package dev.bulla.composefs.check;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.store.StoreException;
import dev.bulla.linux.Flock;
import dev.bulla.linux.FsVerity;
import dev.bulla.linux.OpenFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Deletes what nothing leads to any more, while nobody else has the store open.
 *
 * <p>Kept is what the names in {@code images/refs} and {@code streams/refs} lead to, and the further roots that are given: an
 * image with all objects of its files; a stream with its objects, and by its named references with the streams and images
 * that they are, and so on. Anything else is deleted: names that lead nowhere, links of images and streams, objects, and what
 * dead writers left in staging.
 *
 * <p>A pull holds the shared lock from before it stores anything until what it stored has its name, so a collection sees all
 * of a pull or nothing. It waits for pulls, and pulls wait for it; a dry run waits for nobody.
 *
 * <p>Links are deleted first, then the file system is synced, then objects: whenever a collection ends, by a crash too, no
 * link leads to an object that is gone.
 *
 * <p><b>Security.</b> Where anything of the store cannot be read nothing is deleted: what it needs is not known.
 */
public final class GarbageCollection implements AutoCloseable {
    private static final Path STAGING = Path.of("staging");

    private final Flock lock;
    private final StoreFiles files;
    private final boolean dryRun;
    private final Deletion deletion;
    private final CheckProgress progress;

    private GarbageCollection(Flock lock, boolean dryRun, Deletion deletion, CheckProgress progress) {
        this.lock = lock;
        this.files = new StoreFiles(lock.folder());
        this.dryRun = dryRun;
        this.deletion = deletion;
        this.progress = requireNonNull(progress, "progress is null");
    }

    /**
     * Locks a store.
     *
     * @param store its folder
     * @param dryRun whether nothing is to be deleted, and the lock only a shared one
     * @param waiting told once when somebody else has the store open, which is waited for
     * @return nothing where there is no store
     */
    public static Optional<GarbageCollection> open(Path store, boolean dryRun, Runnable waiting, CheckProgress progress)
            throws IOException {
        return open(store, dryRun, waiting, progress, Deletion.REAL);
    }

    static Optional<GarbageCollection> open(
            Path store, boolean dryRun, Runnable waiting, CheckProgress progress, Deletion deletion)
            throws IOException {
        if (!Files.exists(store, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        Flock lock = dryRun ? Flock.shared(Fsck.folder(store)) : StoreLock.exclusive(store, waiting);
        return Optional.of(new GarbageCollection(lock, dryRun, deletion, progress));
    }

    /**
     * Collects. May be called once; the lock is held until {@link #close}.
     *
     * @param keep further images and streams to keep, by their names in {@code images/} and {@code streams/}
     * @param inUse images that are in use; those that are not in the store are passed over
     * @throws BrokenStoreException when something of the store cannot be read
     * @throws StoreException when {@code keep} names what is not there, or the store forbids us to write
     */
    public GcReport collect(Set<String> keep, Set<VerityDigest> inUse) throws IOException {
        Liveness liveness = Liveness.of(files, FsVerity.ofKernel(), keep, inUse, progress);
        if (!dryRun && !liveness.writersNeed().isEmpty()) {
            throw new StoreException("store: its features forbid who does not know them to write: "
                    + liveness.writersNeed() + "; nothing was deleted");
        }
        List<Path> names = liveness.danglingNames();
        List<Path> entries = liveness.unused();
        for (Path name : names) {
            delete(name);
        }
        for (Path entry : entries) {
            delete(entry);
        }
        if (!dryRun) {
            files.store().syncFileSystem();
        }
        Counts objects = new Counts();
        Counts leftovers = new Counts();
        long kept = objects(liveness, objects, leftovers);
        staging(leftovers);
        return new GcReport(
                dryRun,
                objects.number,
                objects.bytes,
                entries,
                names,
                leftovers.number,
                leftovers.bytes,
                kept,
                liveness.keptImages());
    }

    /** How many files, and how large together. */
    private static final class Counts {
        private long number;
        private long bytes;

        void add(StoreFiles.Entry entry) {
            number++;
            bytes += entry.status().size();
        }
    }

    private void delete(Path relative) throws IOException {
        Path parent = requireNonNull(relative.getParent(), "a name in the store's own folder");
        Optional<OpenFile> folder = files.folder(parent);
        if (folder.isPresent()) {
            try (OpenFile open = folder.orElseThrow()) {
                unlink(open.procPath().resolve(relative.getFileName()));
            }
        }
    }

    private void unlink(Path path) throws IOException {
        if (!dryRun) {
            deletion.delete(path);
        }
    }

    private long objects(Liveness liveness, Counts collected, Counts leftovers) throws IOException {
        Counts kept = new Counts();
        Optional<OpenFile> folder = files.folder(StoreFiles.OBJECTS);
        if (folder.isEmpty()) {
            return 0;
        }
        try (OpenFile objects = folder.orElseThrow()) {
            StoreFiles.list(objects, StoreFiles.OBJECTS, entry -> {
                String name = entry.name().toString();
                if (entry.status().isDirectory() && name.length() == 2) {
                    prefix(entry, name, liveness, collected, kept);
                } else if (entry.status().isRegular() && name.startsWith(ObjectCheck.TEMPORARY)) {
                    leftovers.add(entry);
                    unlink(entry.here());
                }
            });
        }
        return kept.number;
    }

    private void prefix(StoreFiles.Entry prefix, String name, Liveness liveness, Counts collected, Counts kept)
            throws IOException {
        Optional<OpenFile> folder = StoreFiles.folder(prefix);
        if (folder.isEmpty()) {
            return;
        }
        try (OpenFile open = folder.orElseThrow()) {
            StoreFiles.list(open, prefix.path(), entry -> {
                Optional<VerityDigest> object =
                        LinkTargets.object(name, entry.name().toString());
                if (object.isEmpty() || entry.status().isDirectory()) {
                    return; // nothing of ours: for a check to find
                }
                if (liveness.isLive(object.orElseThrow())) {
                    kept.add(entry);
                } else {
                    collected.add(entry);
                    unlink(entry.here());
                    progress.advance("objects collected", collected.number);
                }
            });
        }
    }

    private void staging(Counts leftovers) throws IOException {
        Optional<OpenFile> folder = files.folder(STAGING);
        if (folder.isEmpty()) {
            return;
        }
        try (OpenFile open = folder.orElseThrow()) {
            StoreFiles.list(open, STAGING, entry -> {
                if (!entry.status().isDirectory()) {
                    return;
                }
                Optional<Flock> abandoned = Flock.tryExclusive(entry.here());
                if (abandoned.isPresent()) {
                    try (Flock folderLock = abandoned.orElseThrow()) {
                        leftovers.number++;
                        empty(folderLock.folder(), entry.path(), leftovers);
                        unlink(entry.here());
                    }
                }
            });
        }
    }

    private void empty(OpenFile folder, Path relative, Counts leftovers) throws IOException {
        StoreFiles.list(folder, relative, entry -> {
            if (entry.status().isDirectory()) {
                Optional<OpenFile> inner = StoreFiles.folder(entry);
                if (inner.isPresent()) {
                    try (OpenFile open = inner.orElseThrow()) {
                        empty(open, entry.path(), leftovers);
                    }
                }
            } else {
                leftovers.bytes += entry.status().size();
            }
            unlink(entry.here());
        });
    }

    /** Ends the lock. */
    @Override
    public void close() {
        lock.close();
    }
}
