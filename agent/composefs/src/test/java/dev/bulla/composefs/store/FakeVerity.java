package dev.bulla.composefs.store;

import dev.bulla.composefs.FsVerityDigester;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.linux.Errno;
import dev.bulla.linux.FileStatus;
import dev.bulla.linux.FsVerity;
import dev.bulla.linux.LinuxException;
import dev.bulla.linux.OpenFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** fs-verity as a file system that has it would do it, or would break it. */
final class FakeVerity implements FsVerity {
    /** By {@link #key}. */
    final Map<String, Measurement> enabled = new ConcurrentHashMap<>();

    boolean offered = true;
    int busy;
    boolean lies;

    @Override
    public synchronized void enable(OpenFile file, Hash hash, int blockSize) throws LinuxException {
        if (!offered) {
            throw new LinuxException("enable", file.toString(), Errno.EOPNOTSUPP.number());
        }
        if (busy > 0) {
            busy--;
            throw new LinuxException("enable", file.toString(), Errno.ETXTBSY.number());
        }
        if (enabled.containsKey(key(file))) {
            throw new LinuxException("enable", file.toString(), Errno.EEXIST.number());
        }
        enabled.put(
                key(file), new Measurement(hash, lies ? "0".repeat(2 * hash.length()) : digest(file, hash, blockSize)));
    }

    /** What tells a file from a deleted one whose inode number it has. */
    static String key(OpenFile file) throws LinuxException {
        FileStatus status = file.status();
        return status.inode() + " " + status.size() + " " + status.modifiedSeconds() + "."
                + status.modifiedNanoseconds();
    }

    private static String digest(OpenFile file, Hash hash, int blockSize) {
        try {
            VerityAlgorithm algorithm = Arrays.stream(VerityAlgorithm.values())
                    .filter(each -> each.number() == hash.number() && each.blockSize() == blockSize)
                    .findFirst()
                    .orElseThrow();
            return FsVerityDigester.of(algorithm, file.inputStream().readAllBytes())
                    .hex();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Optional<Measurement> measure(OpenFile file) throws LinuxException {
        return Optional.ofNullable(enabled.get(key(file)));
    }
}
