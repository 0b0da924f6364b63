package dev.bulla.guest.cli;

import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.store.VerityMeter;
import dev.bulla.linux.FsVerity;
import dev.bulla.linux.OpenFile;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** How files' fs-verity digests are computed; the options are the fsverity tool's. */
public final class VerityOptions {
    @Option(names = "--hash-alg", paramLabel = "NAME", description = "sha256 or sha512 (default: sha256)")
    private String hash = "sha256";

    @Option(names = "--block-size", paramLabel = "BYTES", description = "4096 or 65536 (default: 4096)")
    private int blockSize = VerityAlgorithm.SHA256_4K.blockSize();

    /** The algorithm that was asked for. */
    public VerityAlgorithm algorithm() throws CommandException {
        for (VerityAlgorithm algorithm : VerityAlgorithm.values()) {
            if (algorithm.hash().id().equals(hash) && algorithm.blockSize() == blockSize) {
                return algorithm;
            }
        }
        throw new CommandException(
                ExitCode.USAGE,
                "--hash-alg " + hash + " --block-size " + blockSize
                        + ": expected sha256 or sha512 over blocks of 4096 or 65536 bytes");
    }

    /** A file's digest, from its bytes. */
    public VerityDigest digest(Path file) throws CommandException, IOException {
        return digest(file, algorithm());
    }

    /** A file's digest, from its bytes. */
    public static VerityDigest digest(Path file, VerityAlgorithm algorithm) throws IOException {
        try (OpenFile open = OpenFile.read(file)) {
            if (!open.status().isRegular()) {
                throw new IOException(file + ": expected a regular file");
            }
            return new VerityMeter(FsVerity.ofKernel()).hash(open, algorithm);
        }
    }

    /** A digest as the fsverity tool writes it, {@code sha256:HEX}. */
    public static String shown(VerityDigest digest) {
        return digest.algorithm().hash().id() + ":" + digest.hex();
    }
}
