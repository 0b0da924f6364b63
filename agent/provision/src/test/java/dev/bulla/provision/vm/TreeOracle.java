package dev.bulla.provision.vm;

import dev.bulla.composefs.ErofsImageWriter;
import dev.bulla.composefs.FormatVersion;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.mount.ComposefsMount;
import dev.bulla.composefs.mount.EnforcementProbe;
import dev.bulla.composefs.mount.MountOptions;
import dev.bulla.composefs.mount.VerityMode;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.composefs.store.StagedFile;
import dev.bulla.composefs.store.StagedObject;
import dev.bulla.composefs.store.Staging;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.composefs.tree.FileContent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Asks the running kernel what an image holds that we wrote: it is mounted and compared with the tree, entry by entry. */
final class TreeOracle {
    private TreeOracle() {}

    /**
     * Makes a tree, seals it in the format version that is the seed's turn, mounts it and compares.
     *
     * @param store the folder of the store to use
     * @param target the folder to mount on
     * @return the first difference, if there is one
     */
    static Optional<String> ask(int seed, Path store, VerityAlgorithm algorithm, Path target, VerityMode mode)
            throws IOException {
        List<FormatVersion> versions = List.of(FormatVersion.values());
        FormatVersion version = versions.get(seed % versions.size());
        Map<FileContent, String> sums = new HashMap<>();
        try (ObjectStore open = ObjectStore.open(store, algorithm)) {
            RandomTree.Contents objects = into(open);
            Directory root = RandomTree.of(seed, version, bytes -> {
                FileContent content = objects.put(bytes);
                sums.put(content, TreeListing.sum(bytes));
                return content;
            });
            VerityDigest image = seal(open, root, version);
            ComposefsMount mount = ComposefsMount.mount(
                    open.imagePath(image),
                    open.objects(),
                    target,
                    image,
                    EnforcementProbe.of(open).require(mode),
                    MountOptions.readOnly());
            try {
                return TreeListing.difference(
                                TreeListing.expected(root, version, content -> sum(content, sums)),
                                TreeListing.actual(target))
                        .map(difference -> version + ", seed " + seed + ": " + difference);
            } finally {
                mount.unmount();
            }
        }
    }

    private static String sum(FileContent content, Map<FileContent, String> sums) {
        return switch (content) {
            case FileContent.Empty() -> TreeListing.sum(new byte[0]);
            case FileContent.Inline inline -> TreeListing.sum(inline.bytes().toByteArray());
            case FileContent.External external -> sums.getOrDefault(external, "unknown");
        };
    }

    /** Keeps contents as objects of a store. */
    static RandomTree.Contents into(ObjectStore store) {
        return bytes -> {
            try (Staging staging = Staging.begin(store.folder(), "tree");
                    StagedFile file = store.stage(staging.folder())) {
                file.write(bytes);
                StagedObject staged = file.finish();
                store.publish(List.of(staged));
                return FileContent.External.of(bytes.length, staged.digest());
            }
        };
    }

    static VerityDigest seal(ObjectStore store, Directory root, FormatVersion version) throws IOException {
        try (Staging staging = Staging.begin(store.folder(), "image");
                StagedFile file = store.stage(staging.folder())) {
            ErofsImageWriter.write(root, version, file);
            return store.publishImage(file.finish());
        }
    }
}
