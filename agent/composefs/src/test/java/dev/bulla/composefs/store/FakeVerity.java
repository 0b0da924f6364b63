package dev.bulla.composefs.store;

import dev.bulla.composefs.FsVerityDigester;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.linux.Errno;
import dev.bulla.linux.FileStatus;
import dev.bulla.linux.FsVerity;
import dev.bulla.linux.LinuxException;
import dev.bulla.linux.OpenFile;
import dev.bulla.oci.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** fs-verity as a file system that has it would do it, or would break it. */
final class FakeVerity implements FsVerity {
    final Map<Long, Measurement> enabled = new ConcurrentHashMap<>();
    int busy;
    boolean lies;

    @Override
    public synchronized void enable(OpenFile file, Hash hash) throws LinuxException {
        if (busy > 0) {
            busy--;
            throw new LinuxException("enable", file.toString(), Errno.ETXTBSY.number());
        }
        FileStatus status = file.status();
        if (enabled.containsKey(status.inode())) {
            throw new LinuxException("enable", file.toString(), Errno.EEXIST.number());
        }
        enabled.put(status.inode(), new Measurement(hash, lies ? "0".repeat(2 * hash.length()) : digest(file, hash)));
    }

    private static String digest(OpenFile file, Hash hash) {
        try {
            VerityDigest digest = FsVerityDigester.of(
                    hash == Hash.SHA256 ? Digest.Algorithm.SHA256 : Digest.Algorithm.SHA512,
                    file.inputStream().readAllBytes());
            return digest.hex();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Optional<Measurement> measure(OpenFile file) throws LinuxException {
        return Optional.ofNullable(enabled.get(file.status().inode()));
    }
}
