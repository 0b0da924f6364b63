package dev.bulla.composefs.check;

import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.check.FsckReport.MetadataState;
import dev.bulla.composefs.store.RepositoryMetadata;
import dev.bulla.composefs.store.RepositoryMetadataException;
import dev.bulla.linux.Errno;
import dev.bulla.linux.FileStatus;
import dev.bulla.linux.FsVerity;
import dev.bulla.linux.LinuxException;
import dev.bulla.linux.OpenFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What a store's {@code meta.json} says, as far as it can be read.
 *
 * @param state whether it is there and can be read
 * @param algorithm what its objects are named by; empty where that is not known, and told by the names' lengths
 * @param verityRequired whether every object must have fs-verity, which is so when {@code meta.json} itself has
 * @param writersNeed features that a writer must know and we do not
 */
record StoreMetadata(
        MetadataState state, Optional<VerityAlgorithm> algorithm, boolean verityRequired, List<String> writersNeed) {
    private static final Path FILE = Path.of(RepositoryMetadata.FILE);

    /** Reads it; what is wrong with it is a finding. */
    static StoreMetadata read(StoreFiles files, FsVerity verity, Findings findings) throws IOException {
        try (OpenFile file = files.store().readBeneath(RepositoryMetadata.FILE);
                InputStream in = file.inputStream()) {
            FileStatus status = file.status();
            if (!status.isRegular()) {
                return broken(findings, status.kind());
            }
            RepositoryMetadata metadata = RepositoryMetadata.parse(in.readNBytes(RepositoryMetadata.MAX_BYTES + 1));
            return new StoreMetadata(
                    MetadataState.FINE,
                    Optional.of(metadata.algorithm()),
                    verity.measure(file).isPresent(),
                    metadata.unknownReadOnlyCompatible());
        } catch (RepositoryMetadataException e) {
            return broken(findings, e.getMessage());
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT)) {
                return new StoreMetadata(MetadataState.ABSENT, Optional.empty(), false, List.of());
            }
            if (e.is(Errno.ELOOP) || e.is(Errno.ENXIO) || e.is(Errno.EIO)) {
                return broken(findings, "what cannot be read: " + e.getMessage());
            }
            throw e;
        }
    }

    private static StoreMetadata broken(Findings findings, String got) {
        findings.add(new Finding.MalformedDocument(FILE, got, "a repository's metadata, version 1"));
        return new StoreMetadata(MetadataState.BROKEN, Optional.empty(), false, List.of());
    }

    /** Whether an object may have this digest, as far as is known. */
    boolean allows(VerityDigest digest) {
        return algorithm.isEmpty()
                || algorithm.orElseThrow().hash() == digest.algorithm().hash();
    }

    /** A digest read from a name or an image, with the block size that the store has. */
    VerityDigest digest(VerityDigest digest) {
        return algorithm.isPresent() && allows(digest) && algorithm.orElseThrow() != digest.algorithm()
                ? VerityDigest.fromBytes(algorithm.orElseThrow(), digest.bytes())
                : digest;
    }

    /** What the names of objects are, in words. */
    String objectNames() {
        return algorithm.isPresent()
                ? "an object, named by a digest of " + algorithm.orElseThrow().id()
                : "an object, named by a digest";
    }
}
