package dev.bulla.guest.bundle;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.guest.store.MountTable;
import dev.bulla.linux.FileStatus;
import dev.bulla.oci.Digest;
import dev.bulla.oci.OciException;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonWriter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the store keeps of a bundle: {@code <store>/bundles/<sha256 of the bundle's path>/}, with what the container writes in
 * {@code upper} and {@code work}, and {@code bundle.json}, which says where the bundle is and which image it has mounted.
 *
 * <p>{@code bundle.json} is written before the mount, so that no mount is without, and once more after it, with the device
 * number of the mount. A bundle runs while its rootfs is mounted: in this mount namespace on its path, or in any that can be
 * seen as the overlay of that device number. Numbers are given again after an unmount: at worst a bundle is taken to run
 * that does not, and its image is kept.
 *
 * @param folder the store's folder of the bundle
 * @param bundle the bundle's own folder; empty where {@code bundle.json} is missing or cannot be read
 * @param image the image it has mounted; empty where {@code bundle.json} is missing or cannot be read
 * @param device the device number of the mount, {@code major:minor}
 */
public record StoredBundle(Path folder, Optional<Path> bundle, Optional<VerityDigest> image, Optional<String> device) {
    private static final String FOLDER = "bundles";
    private static final String FILE = "bundle.json";
    private static final int MAX_FILE = 1 << 16;

    public StoredBundle {
        requireNonNull(folder, "folder is null");
    }

    /** The folder of a store's bundles. */
    static Path bundles(Path store) {
        return store.resolve(FOLDER);
    }

    /** The store's folder of the bundle at this path. */
    static Path folder(Path bundles, Path bundle) {
        return bundles.resolve(Digest.Algorithm.SHA256
                .of(bundle.toString().getBytes(StandardCharsets.UTF_8))
                .hex());
    }

    /**
     * Says which image a bundle mounts, before it does.
     *
     * @param folder the store's folder of the bundle
     */
    static void write(Path folder, Path bundle, VerityDigest image) throws IOException {
        write(folder, json(bundle, image).build());
    }

    /** Says which image a bundle has mounted, and as which device. */
    static void writeMounted(Path folder, Path bundle, VerityDigest image) throws IOException {
        long number = FileStatus.of(bundle.resolve("rootfs")).fileSystem();
        String device = (number >>> Integer.SIZE) + ":" + (number & 0xffff_ffffL);
        write(folder, json(bundle, image).put("device", device).build());
    }

    private static JsonObject.Builder json(Path bundle, VerityDigest image) {
        return JsonObject.builder()
                .put("bundle", bundle.toString())
                .put("image", image.hex())
                .put("algorithm", image.algorithm().id());
    }

    private static void write(Path folder, JsonObject json) throws IOException {
        Path written = Files.createTempFile(folder, FILE, ".tmp");
        try {
            Files.writeString(written, JsonWriter.indented(json) + "\n", StandardCharsets.UTF_8);
            Files.move(
                    written, folder.resolve(FILE), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(written);
        }
    }

    /** All bundles that a store keeps something of. */
    public static List<StoredBundle> all(Path store) throws IOException {
        List<StoredBundle> all = new ArrayList<>();
        Path bundles = bundles(store);
        if (!Files.isDirectory(bundles, LinkOption.NOFOLLOW_LINKS)) {
            return all;
        }
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(bundles)) {
            for (Path folder : folders) {
                if (Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
                    all.add(read(folder));
                }
            }
        }
        return all;
    }

    private static StoredBundle read(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        StoredBundle unknown = new StoredBundle(folder, Optional.empty(), Optional.empty(), Optional.empty());
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
            return unknown;
        }
        try (InputStream in = Files.newInputStream(file)) {
            JsonCursor.Members json = JsonCursor.parse(in.readNBytes(MAX_FILE)).object();
            Optional<VerityAlgorithm> algorithm =
                    VerityAlgorithm.parse(json.required("algorithm").string());
            if (algorithm.isEmpty()) {
                return unknown;
            }
            Optional<JsonCursor> device = json.optional("device");
            return new StoredBundle(
                    folder,
                    Optional.of(Path.of(json.required("bundle").string())),
                    Optional.of(new VerityDigest(
                            algorithm.orElseThrow(), json.required("image").string())),
                    device.isEmpty()
                            ? Optional.empty()
                            : Optional.of(device.get().string()));
        } catch (OciException | IllegalArgumentException e) {
            return unknown;
        }
    }

    /** Whether its rootfs is mounted, as far as can be seen. */
    public boolean isRunning(MountTable mounts) {
        return bundle.filter(path -> mounts.isMountPoint(path.resolve("rootfs")))
                        .isPresent()
                || device.filter(mounts::hasOverlay).isPresent()
                || mounts.hasUpper(folder.resolve("upper"));
    }

    /** Whether the bundle's own folder is gone, so that nobody will look for what its container wrote. */
    public boolean isReleased() {
        return bundle.filter(path -> Files.notExists(path, LinkOption.NOFOLLOW_LINKS))
                .isPresent();
    }

    /** Deletes what the store keeps of it. */
    public void delete() throws IOException {
        Bundle.deleteTree(folder);
    }
}
