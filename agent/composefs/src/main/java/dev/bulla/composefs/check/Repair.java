package dev.bulla.composefs.check;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.store.StoreException;
import dev.bulla.composefs.store.VerityMeter;
import dev.bulla.linux.FileStatus;
import dev.bulla.linux.Flock;
import dev.bulla.linux.FsVerity;
import dev.bulla.linux.LinuxException;
import dev.bulla.linux.OpenFile;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Drops what is broken in a store, and what needs it, so that what remains is whole and the next pull stores the rest again.
 *
 * <p>Names go first, then the images and streams they led to, then broken objects: a repair that is cut short leaves a store
 * that is no worse, and whose next repair goes on. Waits until nobody else has the store open. What cannot be mended by
 * dropping it ({@code meta.json}, a folder that is not empty) is left, and said; where {@code meta.json} cannot be read,
 * nothing is dropped.
 *
 * <p>An image that is mounted stays mounted when its objects are dropped, and reads of what was broken fail as before.
 */
public final class Repair {
    /** One round drops all that one check lists; what it did not list is left for the next. */
    private static final int MAX_ROUNDS = 100;

    private final StoreFiles files;
    private final FsVerity verity;
    private final List<Path> dropped = new ArrayList<>();
    private final List<Path> restored = new ArrayList<>();

    private Repair(StoreFiles files, FsVerity verity) {
        this.files = files;
        this.verity = verity;
    }

    /**
     * Checks a store, and repairs it.
     *
     * @param store its folder, which may be absent
     * @param waiting told once when somebody else has the store open, which is waited for
     * @param progress who hears how far the checks are
     * @throws StoreException when the store's features forbid us to write
     */
    public static RepairReport run(Path store, FsckScope scope, Runnable waiting, CheckProgress progress)
            throws IOException {
        return run(store, scope, FsVerity.ofKernel(), waiting, progress);
    }

    static RepairReport run(Path store, FsckScope scope, FsVerity verity, Runnable waiting, CheckProgress progress)
            throws IOException {
        if (!Files.exists(store, LinkOption.NOFOLLOW_LINKS)) {
            return new RepairReport(FsckReport.OF_NOTHING, List.of(), List.of(), FsckReport.OF_NOTHING);
        }
        try (Flock lock = StoreLock.exclusive(store, waiting)) {
            StoreFiles files = new StoreFiles(lock.folder());
            Repair repair = new Repair(files, verity);
            requireWritable(files, verity);
            FsckReport before = Fsck.check(files, scope, verity, progress);
            FsckReport now = before;
            // Without meta.json's word on the digests, what is whole may look damaged.
            boolean understood = before.metadata() != FsckReport.MetadataState.BROKEN;
            for (int round = 0; understood && round < MAX_ROUNDS && !now.isClean(); round++) {
                int done = repair.dropped.size() + repair.restored.size();
                repair.mend(now.problems());
                if (repair.dropped.size() + repair.restored.size() == done) {
                    break;
                }
                now = Fsck.check(files, scope, verity, progress);
            }
            return new RepairReport(before, repair.dropped, repair.restored, now);
        }
    }

    private static void requireWritable(StoreFiles files, FsVerity verity) throws IOException {
        List<String> writersNeed =
                StoreMetadata.read(files, verity, new Findings()).writersNeed();
        if (!writersNeed.isEmpty()) {
            throw new StoreException("store: its features forbid who does not know them to write: " + writersNeed
                    + "; nothing was dropped");
        }
    }

    private void mend(List<Problem> problems) throws IOException {
        Set<Path> names = new HashSet<>();
        Set<Path> entries = new HashSet<>();
        Set<Path> things = new HashSet<>();
        for (Problem problem : problems) {
            Finding finding = problem.finding();
            if (finding instanceof Finding.UnprotectedObject object && protect(object.digest())) {
                restored.add(object.path());
                continue;
            }
            if (finding instanceof Finding.UnprotectedObject || finding instanceof Finding.MalformedDocument) {
                continue;
            }
            problem.neededBy().forEach(path -> (isName(path) ? names : entries).add(path));
            things.add(finding.path());
        }
        things.removeAll(names);
        things.removeAll(entries);
        for (Set<Path> group : List.of(names, entries, things)) {
            for (Path path : group.stream().sorted().toList()) {
                drop(path);
            }
            files.store().syncFileSystem();
        }
    }

    private static boolean isName(Path path) {
        return path.getNameCount() > 2 && path.getName(1).equals(StoreFiles.REFS);
    }

    /** An object that was checked a moment ago, under the lock, and is right. */
    private boolean protect(VerityDigest digest) throws IOException {
        FsVerity.Hash hash = switch (digest.algorithm().hash()) {
            case SHA256 -> FsVerity.Hash.SHA256;
            case SHA512 -> FsVerity.Hash.SHA512;
        };
        try (OpenFile file = files.object(digest)) {
            verity.enable(file, hash, digest.algorithm().blockSize());
            return new VerityMeter(verity)
                    .measure(file, digest.algorithm())
                    .filter(digest::equals)
                    .isPresent();
        } catch (LinuxException e) {
            return false; // the kernel says no: it stays a finding
        }
    }

    private void drop(Path relative) throws IOException {
        Optional<FileStatus> status = files.status(relative);
        if (status.isEmpty()) {
            return;
        }
        Path parent = relative.getParent();
        Optional<OpenFile> folder = parent == null ? Optional.empty() : files.folder(parent);
        try {
            Path in = folder.isPresent()
                    ? folder.orElseThrow().procPath()
                    : files.store().procPath();
            Files.deleteIfExists(in.resolve(requireNonNull(relative.getFileName(), "the store's own folder")));
            dropped.add(relative);
        } catch (DirectoryNotEmptyException e) {
            return; // nobody knows what it is: for a person to look at
        } finally {
            folder.ifPresent(OpenFile::close);
        }
    }
}
