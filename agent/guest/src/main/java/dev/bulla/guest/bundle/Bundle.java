package dev.bulla.guest.bundle;

import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.mount.ComposefsMount;
import dev.bulla.composefs.mount.Enforcement;
import dev.bulla.composefs.mount.MountOptions;
import dev.bulla.composefs.mount.WritableLayer;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.composefs.tree.FileContent;
import dev.bulla.linux.FileStatus;
import dev.bulla.linux.Flock;
import dev.bulla.oci.ImageConfig;
import dev.bulla.oci.json.JsonWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * An OCI runtime bundle made of a sealed image: {@code config.json}, and {@code rootfs} mounted from the image with a
 * writable layer over it.
 *
 * <p>What a container writes goes to {@code <store>/bundles/<sha256 of the bundle's path>}, since the store is where
 * plaintext may be. It is empty whenever a bundle is made: what an earlier one of that path wrote is deleted first.
 */
public final class Bundle {
    private static final String PRIVATE = "rwx------";

    private Bundle() {}

    /**
     * Makes a bundle and mounts its root file system.
     *
     * @param folder the bundle's folder, created where it is missing
     * @param image the image's digest
     * @param root the image's root tree
     * @param config the image's configuration
     * @param store the store that holds the image
     * @param enforcement what is to hold the mount to the digest
     * @return the bundle's folder without links
     * @throws BundleException when the image's configuration cannot be run
     * @throws IOException when it cannot be mounted; then nothing is left of the bundle
     */
    public static Path create(
            Path folder,
            VerityDigest image,
            Directory root,
            ImageConfig config,
            ObjectStore store,
            Enforcement enforcement)
            throws IOException, BundleException {
        String configJson = runtimeConfig(root, config, content -> read(store, content));
        Path bundles = StoredBundle.bundles(store.folder());
        createFolder(bundles);
        // One at a time: another bundle of the same path must be seen as mounted or not at all.
        try (Flock _ = Flock.exclusive(bundles)) {
            return create(folder, image, configJson, bundles, store, enforcement);
        }
    }

    /**
     * Refuses a folder in which {@link #create} could not make a bundle now: to know before anything is fetched.
     *
     * @param folder the bundle's folder, which may be missing
     */
    public static void requireFree(Path folder) throws IOException {
        Path rootfs = folder.resolve("rootfs");
        if (Files.exists(rootfs, LinkOption.NOFOLLOW_LINKS)) {
            requireUnused(folder, rootfs);
        }
    }

    /**
     * Refuses an image whose configuration cannot be run, as {@link #create} would.
     *
     * @param contents gives the bytes of the tree's files
     */
    public static void requireRunnable(Directory root, ImageConfig config, ContentReader contents)
            throws IOException, BundleException {
        runtimeConfig(root, config, contents);
    }

    private static String runtimeConfig(Directory root, ImageConfig config, ContentReader contents)
            throws IOException, BundleException {
        ContainerUser user =
                new UserLookup(root, contents).resolve(config.execution().user());
        return JsonWriter.indented(RuntimeConfig.of(config.execution(), user)) + "\n";
    }

    private static Path create(
            Path folder,
            VerityDigest image,
            String configJson,
            Path bundles,
            ObjectStore store,
            Enforcement enforcement)
            throws IOException {
        boolean created = createFolder(folder);
        Path bundle = folder.toRealPath();
        Path rootfs = bundle.resolve("rootfs");
        boolean rootfsCreated = createFolder(rootfs);
        requireUnused(bundle, rootfs); // before anything is deleted, and outside what deletes on failure
        Path writable = StoredBundle.folder(bundles, bundle);
        boolean mounted = false;
        boolean done = false;
        try {
            deleteTree(writable);
            Files.createDirectories(
                    writable, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(PRIVATE)));
            writeConfig(bundle, configJson);
            // Before the mount: whoever deletes what is not in use must know of it.
            StoredBundle.write(writable, bundle, image);
            ComposefsMount.mount(
                    store.imagePath(image),
                    store.objects(),
                    rootfs,
                    image,
                    enforcement,
                    MountOptions.writable(new WritableLayer(writable.resolve("upper"), writable.resolve("work"))));
            mounted = true;
            StoredBundle.writeMounted(writable, bundle, image);
            done = true;
            return bundle;
        } finally {
            if (mounted && !done) {
                ComposefsMount.unmount(rootfs);
            }
            if (!done) {
                Files.deleteIfExists(bundle.resolve("config.json"));
                deleteTree(writable);
                if (rootfsCreated) {
                    Files.deleteIfExists(rootfs);
                }
                if (created) {
                    Files.deleteIfExists(bundle);
                }
            }
        }
    }

    private static boolean createFolder(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            return false;
        }
        Files.createDirectories(folder);
        return true;
    }

    /** A root file system in use, or a folder with something in it, is not ours to cover or to empty. */
    private static void requireUnused(Path bundle, Path rootfs) throws IOException {
        if (Files.isSymbolicLink(rootfs)) {
            throw new IOException(rootfs + ": a symbolic link, expected a folder");
        }
        if (FileStatus.of(rootfs).fileSystem() != FileStatus.of(bundle).fileSystem()) {
            throw new IOException(rootfs + ": something is mounted there already; unmount it first");
        }
        try (Stream<Path> entries = Files.list(rootfs)) {
            if (entries.findAny().isPresent()) {
                throw new IOException(rootfs + ": not empty, expected an empty folder; unmount what is mounted there");
            }
        }
    }

    private static void writeConfig(Path bundle, String json) throws IOException {
        Path written = Files.createTempFile(bundle, ".config", ".json");
        try {
            Files.writeString(written, json, StandardCharsets.UTF_8);
            Files.setPosixFilePermissions(written, PosixFilePermissions.fromString("rw-r--r--"));
            Files.move(
                    written,
                    bundle.resolve("config.json"),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(written);
        }
    }

    private static byte[] read(ObjectStore store, FileContent.External content) throws IOException {
        VerityDigest digest =
                content.digest().orElseThrow(() -> new IOException("a file of the image has no fs-verity digest"));
        return store.read(digest, UserLookup.MAX_FILE)
                .orElseThrow(() -> new IOException("store " + store.folder() + ": there is no object " + digest));
    }

    static void deleteTree(Path folder) throws IOException {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        List<Path> deepestFirst;
        try (Stream<Path> paths = Files.walk(folder)) {
            deepestFirst = paths.sorted(Comparator.reverseOrder()).toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        for (Path path : deepestFirst) {
            Files.delete(path);
        }
    }
}
