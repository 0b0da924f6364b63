package dev.bulla.composefs.store;

import dev.bulla.composefs.FsVerityDigester;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.linux.Errno;
import dev.bulla.linux.FileStatus;
import dev.bulla.linux.FsVerity;
import dev.bulla.linux.LinuxException;
import dev.bulla.linux.OpenFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/** Makes objects immutable and checks them, by the kernel where the store's file system has fs-verity, else by hashing. */
final class ObjectVerity {
    /** A process started at the wrong moment holds copies of our descriptors for an instant: waited for, this often. */
    private static final int MAX_BUSY = 100;

    private final FsVerity verity;
    private final VerityMeter meter;
    private final Path store;
    private final Policy policy;
    private Optional<Boolean> offered = Optional.empty();

    /**
     * What the store's opening allows.
     *
     * @param writable whether fs-verity may be enabled on objects that lack it
     * @param required whether an object that lacks it is refused
     */
    record Policy(boolean writable, boolean required) {}

    ObjectVerity(FsVerity verity, Path store, Policy policy) {
        this.verity = verity;
        this.meter = new VerityMeter(verity);
        this.store = store;
        this.policy = policy;
    }

    /** Whether the store's file system has fs-verity for this hash: tried once, on a file of its own. */
    synchronized boolean isOffered(VerityAlgorithm algorithm) throws IOException {
        if (!policy.writable) {
            return policy.required; // nothing can be tried
        }
        if (offered.isEmpty()) {
            offered = Optional.of(probe(algorithm));
        }
        return offered.orElseThrow();
    }

    private boolean probe(VerityAlgorithm algorithm) throws IOException {
        byte[] content = {1};
        try (Staging staging = Staging.begin(store, "probe-" + UUID.randomUUID())) {
            Path file = Files.write(staging.folder().resolve("probe"), content);
            try (OpenFile open = OpenFile.readNoFollow(file)) {
                enable(open, FsVerityDigester.of(algorithm, content));
                return true;
            } catch (LinuxException e) {
                // A block larger than the kernel's pages is an invalid argument.
                if (FsVerity.isNotOffered(e) || e.is(Errno.EINVAL)) {
                    return false;
                }
                throw e;
            }
        }
    }

    /** Turns fs-verity on where the file system has it; where the store requires it, it must have it. */
    void seal(OpenFile file, VerityDigest expected) throws IOException {
        if (isOffered(expected.algorithm())) {
            enable(file, expected);
        } else if (policy.required) {
            throw new StoreException("store: " + store + ": the file system has no fs-verity for "
                    + expected.algorithm() + ", which the repository requires");
        }
    }

    /** Turns fs-verity on, and believes it when the kernel measures the digest that was computed. */
    void enable(OpenFile file, VerityDigest expected) throws IOException {
        for (int busy = 1; ; busy++) {
            try {
                verity.enable(
                        file, hash(expected.algorithm()), expected.algorithm().blockSize());
                break;
            } catch (LinuxException e) {
                if (e.is(Errno.EEXIST)) {
                    break; // another process was first: measured like our own
                }
                if (!e.is(Errno.ETXTBSY) || busy == MAX_BUSY) {
                    throw e;
                }
                pause(file);
            }
        }
        VerityDigest measured = meter.measure(file, expected.algorithm())
                .orElseThrow(
                        () -> new StoreException("store: " + file + ": fs-verity was enabled and cannot be measured"));
        if (!measured.equals(expected)) {
            throw new StoreException(
                    "store: " + file + ": the kernel measured fs-verity digest " + measured + ", expected " + expected);
        }
    }

    /**
     * Checks that the file under an object's name holds it.
     *
     * @param file the file, open
     * @param path its name in the store
     * @throws BrokenObjectException when it does not
     */
    void check(OpenFile file, Path path, VerityDigest expected) throws IOException {
        FileStatus status = file.status();
        if (!status.isRegular()) {
            throw new BrokenObjectException(path, expected, StoreLayout.kind(status));
        }
        Optional<VerityDigest> measured = measure(file, path, expected);
        VerityDigest got = measured.isPresent() ? measured.orElseThrow() : meter.hash(file, expected.algorithm());
        if (!got.equals(expected)) {
            throw new BrokenObjectException(path, expected, "fs-verity digest " + got);
        }
        if (measured.isEmpty() && policy.writable && isOffered(expected.algorithm())) {
            enable(file, expected);
        }
    }

    /**
     * What the kernel measures of an object; empty where fs-verity is off and need not be on.
     *
     * @throws BrokenObjectException when the store requires it, or the kernel measures another digest
     */
    Optional<VerityDigest> measure(OpenFile file, Path path, VerityDigest expected) throws IOException {
        Optional<VerityDigest> measured = meter.measure(file, expected.algorithm());
        if (measured.isEmpty() && policy.required) {
            throw new BrokenObjectException(path, expected, "a file without fs-verity, which the repository requires");
        }
        if (measured.isPresent() && !measured.orElseThrow().equals(expected)) {
            throw new BrokenObjectException(path, expected, "fs-verity digest " + measured.orElseThrow());
        }
        return measured;
    }

    private static FsVerity.Hash hash(VerityAlgorithm algorithm) {
        return switch (algorithm.hash()) {
            case SHA256 -> FsVerity.Hash.SHA256;
            case SHA512 -> FsVerity.Hash.SHA512;
        };
    }

    private static void pause(OpenFile file) throws StoreException {
        try {
            Thread.sleep(1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException("store: interrupted while waiting for the last writer of " + file, e);
        }
    }
}
