package dev.bulla.composefs.check;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.store.StoreLayoutException;
import dev.bulla.linux.Flock;
import dev.bulla.linux.FsVerity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * Checks a store: metadata, objects, streams, images, names.
 *
 * <p>A store that is absent, or that a pull has only begun, is clean, and so is what dead pulls left in staging. What is
 * wrong is a {@link Finding}, never an exception; an exception means that the store could not be read.
 *
 * <p>Holds the store's shared lock, as a pull does: both may run at once, and what is stored meanwhile is not missed.
 * Memory grows by some 100 bytes an object and with one image's tree at a time.
 *
 * <p><b>Security.</b> For stores that others may have edited: no link is followed, no cycle is walked twice, and everything
 * is bounded. A clean store is consistent in itself. It may still be another than the one that was left: what an image's
 * digest ought to be is not to be learnt here.
 */
public final class Fsck {
    private Fsck() {}

    /**
     * Checks a store.
     *
     * @param store its folder, which may be absent
     * @param scope how much of it
     * @param progress who hears how far it is
     * @throws StoreLayoutException when it is not a folder
     * @throws IOException when it cannot be read
     */
    public static FsckReport check(Path store, FsckScope scope, CheckProgress progress) throws IOException {
        return check(store, scope, FsVerity.ofKernel(), progress);
    }

    static FsckReport check(Path store, FsckScope scope, FsVerity verity, CheckProgress progress) throws IOException {
        requireNonNull(progress, "progress is null");
        if (!Files.exists(store, LinkOption.NOFOLLOW_LINKS)) {
            return FsckReport.OF_NOTHING;
        }
        try (Flock lock = Flock.shared(folder(store))) {
            return check(new StoreFiles(lock.folder()), scope, verity, progress);
        }
    }

    /** The folder of a store that is there. */
    static Path folder(Path store) throws IOException {
        Path real = store.toRealPath();
        if (!Files.isDirectory(real)) {
            throw new StoreLayoutException(store, "expected a directory");
        }
        return real;
    }

    /** Checks a store that is locked. */
    static FsckReport check(StoreFiles files, FsckScope scope, FsVerity verity, CheckProgress progress)
            throws IOException {
        Findings findings = new Findings();
        StoreMetadata metadata = StoreMetadata.read(files, verity, findings);
        ObjectCheck objects = new ObjectCheck(files, metadata, scope, verity, findings, progress);
        StreamCheck streams = new StreamCheck(files, metadata, scope, objects, findings, progress);
        ImageCheck images = new ImageCheck(files, metadata, objects, findings, progress);
        ReferenceCheck references = new ReferenceCheck(files, findings, progress);
        try (Workers workers = new Workers()) {
            objects.run(workers);
            streams.run(workers);
        }
        images.run();
        references.run();
        return new FsckReport(
                metadata.state(),
                objects.checked(),
                objects.bytes(),
                streams.checked(),
                images.checked(),
                references.checked(),
                findings.problems(),
                findings.unlisted());
    }
}
