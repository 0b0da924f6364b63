package dev.bulla.guest.cli;

import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.oci.Digest;
import dev.bulla.oci.Quoted;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads {@code --digest-algorithm}: an algorithm's whole name, or the hash function's alone for blocks of 4 KiB. */
final class VerityAlgorithmConverter implements ITypeConverter<VerityAlgorithm> {
    @Override
    public VerityAlgorithm convert(String name) {
        for (Digest.Algorithm hash : Digest.Algorithm.values()) {
            if (hash.id().equals(name)) {
                return VerityAlgorithm.of(hash);
            }
        }
        return VerityAlgorithm.parse(name)
                .orElseThrow(() -> new TypeConversionException("got " + Quoted.text(name)
                        + ", expected sha256, sha512, or a name like " + VerityAlgorithm.SHA256_4K));
    }
}
