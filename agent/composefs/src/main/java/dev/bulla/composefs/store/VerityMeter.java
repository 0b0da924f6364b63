package dev.bulla.composefs.store;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.FsVerityDigester;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.linux.FsVerity;
import dev.bulla.linux.LinuxException;
import dev.bulla.linux.OpenFile;
import dev.bulla.oci.Digest;
import java.util.Optional;

/**
 * Finds the fs-verity digest of a file that is there: from the kernel where fs-verity is on, else from its bytes.
 *
 * <p><b>Security.</b> What the kernel measures stays true; what was hashed is true of the bytes that were read.
 */
public final class VerityMeter {
    private static final int BUFFER = 1 << 16;

    private final FsVerity verity;

    public VerityMeter(FsVerity verity) {
        this.verity = requireNonNull(verity, "verity is null");
    }

    /**
     * What the kernel measures; empty where fs-verity is not on.
     *
     * @param expected what gives the digest its block size, which the kernel does not say: it is in what the digest is of
     */
    public Optional<VerityDigest> measure(OpenFile file, VerityAlgorithm expected) throws LinuxException {
        return verity.measure(file).map(m -> new VerityDigest(algorithm(m.hash(), expected), m.hex()));
    }

    /** What fs-verity would measure, from the file's bytes. */
    public VerityDigest hash(OpenFile file, VerityAlgorithm algorithm) throws LinuxException {
        FsVerityDigester digester = new FsVerityDigester(algorithm);
        // Most objects are small, and there are many.
        byte[] buffer = new byte[Math.clamp(file.status().size(), 1, BUFFER)];
        while (true) {
            int got = file.read(buffer, 0, buffer.length, digester.size());
            if (got == 0) {
                return digester.finish();
            }
            digester.update(buffer, 0, got);
        }
    }

    private static VerityAlgorithm algorithm(FsVerity.Hash hash, VerityAlgorithm expected) {
        Digest.Algorithm measured = switch (hash) {
            case SHA256 -> Digest.Algorithm.SHA256;
            case SHA512 -> Digest.Algorithm.SHA512;
        };
        return expected.hash() == measured ? expected : VerityAlgorithm.of(measured);
    }
}
