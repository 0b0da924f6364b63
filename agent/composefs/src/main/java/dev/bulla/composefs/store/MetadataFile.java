package dev.bulla.composefs.store;

import dev.bulla.composefs.FsVerityDigester;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.linux.Errno;
import dev.bulla.linux.FileStatus;
import dev.bulla.linux.FsVerity;
import dev.bulla.linux.LinuxException;
import dev.bulla.linux.OpenFile;
import dev.bulla.linux.Renames;
import dev.bulla.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;

/**
 * A repository's {@code meta.json} as it stands on the disk.
 *
 * @param metadata what it says
 * @param verityRequired whether fs-verity is on for the file itself, which says that every object must have it
 */
record MetadataFile(RepositoryMetadata metadata, boolean verityRequired) {
    private static final int PERMISSIONS = 0644;

    /** Reads the file, if it is there. */
    static Optional<MetadataFile> read(StoreLayout layout, FsVerity verity) throws IOException {
        Path path = layout.metadata();
        if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        try (OpenFile file = OpenFile.readNoFollow(path);
                InputStream in = file.inputStream()) {
            FileStatus status = file.status();
            if (!status.isRegular()) {
                throw new StoreLayoutException(path, "got " + StoreLayout.kind(status) + ", expected a regular file");
            }
            byte[] bytes = in.readNBytes(RepositoryMetadata.MAX_BYTES + 1);
            RepositoryMetadata metadata = RepositoryMetadata.parse(bytes, path.toString());
            return Optional.of(new MetadataFile(metadata, verity.measure(file).isPresent()));
        } catch (LinuxException e) {
            if (e.is(Errno.ELOOP)) {
                throw new StoreLayoutException(path, "got a symbolic link, expected a regular file");
            }
            throw e;
        }
    }

    /** Writes the file, complete and on the disk before it has its name; where another process was first, its file stays. */
    static void create(StoreLayout layout, ObjectVerity verity, MetadataFile content) throws IOException {
        byte[] json = content.metadata.toJson();
        try (Staging staging = Staging.begin(layout.store(), "metadata-" + UUID.randomUUID())) {
            Path staged = Files.write(staging.folder().resolve(RepositoryMetadata.FILE), json);
            try (OpenFile file = OpenFile.readNoFollow(staged)) {
                file.setPermissions(PERMISSIONS);
                file.sync();
                if (content.verityRequired) {
                    verity.enable(file, FsVerityDigester.of(content.metadata.algorithm(), json));
                }
                Renames.withoutReplacing(file, staged, layout.metadata());
            } catch (LinuxException e) {
                if (!e.is(Errno.EEXIST)) {
                    throw e;
                }
            }
        }
    }

    /**
     * What the file of an older repository would say: the algorithm by the length of an object's name, and whether it has
     * fs-verity. Empty where there is no object.
     */
    static Optional<MetadataFile> infer(StoreLayout layout, FsVerity verity) throws IOException {
        if (!Files.isDirectory(layout.objects(), LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        try (DirectoryStream<Path> prefixes = Files.newDirectoryStream(layout.objects(), "[0-9a-f][0-9a-f]")) {
            for (Path prefix : prefixes) {
                Optional<MetadataFile> inferred = inferFrom(prefix, verity);
                if (inferred.isPresent()) {
                    return inferred;
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<MetadataFile> inferFrom(Path prefix, FsVerity verity) throws IOException {
        if (!Files.isDirectory(prefix, LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        try (DirectoryStream<Path> objects = Files.newDirectoryStream(prefix)) {
            for (Path object : objects) {
                for (Digest.Algorithm hash : Digest.Algorithm.values()) {
                    String rest = object.getFileName().toString();
                    if (rest.matches("[0-9a-f]{" + (2 * hash.length() - 2) + "}")
                            && Files.isRegularFile(object, LinkOption.NOFOLLOW_LINKS)) {
                        try (OpenFile file = OpenFile.readNoFollow(object)) {
                            return Optional.of(new MetadataFile(
                                    RepositoryMetadata.of(VerityAlgorithm.of(hash)),
                                    verity.measure(file).isPresent()));
                        }
                    }
                }
            }
        }
        return Optional.empty();
    }
}
