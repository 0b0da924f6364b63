package dev.bulla.composefs;

import dev.bulla.linux.FsVerity;
import dev.bulla.linux.LinuxException;
import dev.bulla.linux.OpenFile;
import dev.bulla.oci.Quoted;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The folder of {@code mkcomposefs --digest-store}: files under {@code xx/} and the rest of their fs-verity digest, readable
 * by all. One that is there is left alone. Unlike the agent's own store it promises nothing about what it finds.
 */
final class DigestStore {
    private static final int BUFFER = 1 << 16;

    private DigestStore() {}

    /** Copies a file in, unless one of its digest is there. */
    static void add(Path store, Path source, VerityDigest digest) throws IOException {
        Path object = store.resolve(digest.objectPath());
        if (Files.exists(object, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        Files.createDirectories(store.resolve(digest.hex().substring(0, 2)));
        Path temporary = Files.createTempFile(store, ".tmp", "");
        try {
            copy(source, temporary, digest);
            Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rw-r--r--"));
            enableVerity(temporary, digest.algorithm());
            Files.move(temporary, object, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static void enableVerity(Path file, VerityAlgorithm algorithm) throws LinuxException {
        FsVerity.Hash hash = switch (algorithm.hash()) {
            case SHA256 -> FsVerity.Hash.SHA256;
            case SHA512 -> FsVerity.Hash.SHA512;
        };
        try (OpenFile open = OpenFile.readNoFollow(file)) {
            FsVerity.ofKernel().enable(open, hash, algorithm.blockSize());
        } catch (LinuxException e) {
            // The C tool only tries; only what the kernel does not offer may pass in silence here.
            if (!FsVerity.isNotOffered(e)) {
                throw e;
            }
        }
    }

    private static void copy(Path source, Path target, VerityDigest digest) throws IOException {
        FsVerityDigester digester = new FsVerityDigester(digest.algorithm());
        try (InputStream in = Files.newInputStream(source, LinkOption.NOFOLLOW_LINKS);
                FileChannel out = FileChannel.open(target, StandardOpenOption.WRITE)) {
            var measured = new MeasuredOutput(Channels.newOutputStream(out), digester);
            byte[] buffer = new byte[BUFFER];
            int got;
            while ((got = in.read(buffer)) >= 0) {
                measured.write(buffer, 0, got);
            }
            out.force(true);
        }
        VerityDigest copied = digester.finish();
        if (!copied.equals(digest)) {
            throw new ComposefsException(Quoted.text(source.toString()) + ": changed while it was copied: got " + copied
                    + ", expected " + digest);
        }
    }
}
