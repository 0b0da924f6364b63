package dev.bulla.composefs;

import dev.bulla.composefs.LongOptions.UsageException;
import dev.bulla.oci.Digest;
import dev.bulla.oci.Quoted;

/** How a command line says that digests are computed; sha256 over blocks of 4 KiB where it does not. */
final class VerityOptions {
    private Digest.Algorithm hash = Digest.Algorithm.SHA256;
    private int blockSize = 4096;

    void setHash(String name) throws UsageException {
        hash = switch (name) {
            case "sha256" -> Digest.Algorithm.SHA256;
            case "sha512" -> Digest.Algorithm.SHA512;
            default ->
                throw new UsageException(
                        "unknown digest algorithm " + Quoted.text(name) + ", expected sha256 or sha512");
        };
    }

    void setBlockSize(String size) throws UsageException {
        blockSize = switch (size) {
            case "4096" -> 4096;
            case "65536" -> 65536;
            default -> throw new UsageException("unknown block size " + Quoted.text(size) + ", expected 4096 or 65536");
        };
    }

    VerityAlgorithm get() {
        boolean large = blockSize > 4096;
        return switch (hash) {
            case SHA256 -> large ? VerityAlgorithm.SHA256_64K : VerityAlgorithm.SHA256_4K;
            case SHA512 -> large ? VerityAlgorithm.SHA512_64K : VerityAlgorithm.SHA512_4K;
        };
    }
}
