package dev.bulla.composefs.check;

import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.store.VerityMeter;
import dev.bulla.linux.Errno;
import dev.bulla.linux.FsVerity;
import dev.bulla.linux.LinuxException;
import dev.bulla.linux.OpenFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Checks the objects of a store: their names, their kind, and their bytes against the digest in the name.
 *
 * <p>Where fs-verity is on, the kernel measures, and every block is read once so that the kernel compares it; elsewhere the
 * bytes are hashed.
 */
final class ObjectCheck {
    private static final int BUFFER = 1 << 16;

    /** The beginning of files that composefs-rs writes where the file system has no nameless ones. */
    static final String TEMPORARY = ".tmp-";

    private final StoreFiles files;
    private final StoreMetadata metadata;
    private final FsckScope scope;
    private final FsVerity verity;
    private final Findings findings;
    private final CheckProgress progress;
    private final DigestSet present = new DigestSet();
    private final AtomicLong checked = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();

    ObjectCheck(
            StoreFiles files,
            StoreMetadata metadata,
            FsckScope scope,
            FsVerity verity,
            Findings findings,
            CheckProgress progress) {
        this.files = files;
        this.metadata = metadata;
        this.scope = scope;
        this.verity = verity;
        this.findings = findings;
        this.progress = progress;
    }

    /** Checks them all. Nothing else may be called before it is done. */
    void run(Workers workers) throws IOException {
        Optional<OpenFile> folder = Folders.open(files, StoreFiles.OBJECTS, findings);
        if (folder.isEmpty()) {
            return;
        }
        try (OpenFile objects = folder.orElseThrow()) {
            List<Workers.Task> tasks = new ArrayList<>();
            StoreFiles.list(objects, StoreFiles.OBJECTS, prefix -> {
                String name = prefix.name().toString();
                boolean temporary =
                        name.startsWith(TEMPORARY) && prefix.status().isRegular();
                if (prefix.status().isDirectory() && name.matches("[0-9a-f]{2}")) {
                    Path path = prefix.path();
                    tasks.add(() -> prefix(path, name));
                } else if (!temporary) {
                    findings.add(new Finding.UnexpectedEntry(
                            prefix.path(), prefix.status().kind(), "a directory named by two hex digits"));
                }
            });
            workers.run(tasks);
        }
    }

    private void prefix(Path path, String prefix) throws IOException {
        Optional<OpenFile> folder = files.folder(path);
        if (folder.isEmpty()) {
            return;
        }
        try (OpenFile open = folder.orElseThrow()) {
            StoreFiles.list(open, path, entry -> {
                Optional<VerityDigest> named =
                        LinkTargets.object(prefix, entry.name().toString()).filter(digest -> metadata.allows(digest));
                if (named.isEmpty()) {
                    findings.add(new Finding.UnexpectedEntry(
                            entry.path(), entry.status().kind() + " of that name", metadata.objectNames()));
                    return;
                }
                VerityDigest digest = metadata.digest(named.orElseThrow());
                synchronized (present) {
                    present.add(digest);
                }
                if (!entry.status().isRegular()) {
                    findings.damaged(digest, entry.status().kind());
                } else if (scope == FsckScope.EVERYTHING) {
                    contents(entry, digest);
                }
                progress.advance("objects", checked.incrementAndGet());
            });
        }
    }

    private void contents(StoreFiles.Entry entry, VerityDigest digest) throws IOException {
        VerityMeter meter = new VerityMeter(verity);
        try (OpenFile file = OpenFile.readNoFollow(entry.here())) {
            Optional<VerityDigest> measured = meter.measure(file, digest.algorithm());
            VerityDigest got = measured.isPresent() ? measured.orElseThrow() : meter.hash(file, digest.algorithm());
            if (!got.equals(digest)) {
                findings.damaged(digest, "fs-verity digest " + got);
                return;
            }
            if (measured.isPresent()) {
                readThrough(file);
            } else if (metadata.verityRequired()) {
                findings.unprotected(digest);
            }
            bytes.addAndGet(entry.status().size());
        } catch (LinuxException e) {
            if (e.is(Errno.EIO)) {
                findings.damaged(digest, "an input/output error: its blocks are not those that were measured");
            } else if (!e.is(Errno.ENOENT)) {
                throw e;
            }
        }
    }

    private static void readThrough(OpenFile file) throws LinuxException {
        byte[] buffer = new byte[BUFFER];
        long position = 0;
        int got;
        do {
            got = file.read(buffer, 0, buffer.length, position);
            position += got;
        } while (got > 0);
    }

    /**
     * Whether an object can be used; keeps who wanted it where it cannot. Safe for use by several threads once
     * {@link #run} is done.
     */
    boolean need(Path holder, VerityDigest digest) throws IOException {
        // What was not there when the objects were listed may have been stored since.
        if (!present.contains(digest) && !files.hasObject(digest)) {
            findings.missing(holder, metadata.digest(digest));
            return false;
        }
        findings.holds(holder, digest);
        return !findings.isDamaged(digest);
    }

    long checked() {
        return checked.get();
    }

    long bytes() {
        return bytes.get();
    }
}
