package dev.bulla.composefs.check;

import dev.bulla.composefs.ErofsImageWriter;
import dev.bulla.composefs.FormatVersion;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.composefs.store.StagedFile;
import dev.bulla.composefs.store.StagedObject;
import dev.bulla.composefs.store.Staging;
import dev.bulla.composefs.stream.ContentType;
import dev.bulla.composefs.stream.SplitStreamWriter;
import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.composefs.tree.FileContent;
import dev.bulla.composefs.tree.Metadata;
import dev.bulla.composefs.tree.RegularFile;
import dev.bulla.oci.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A store with two images that share a file, each with a layer, a config and a manifest as streams, and names for both.
 *
 * <p>Links of streams are made by hand here: they are the layout's, whoever made them.
 */
final class TestStore implements AutoCloseable {
    /** What a pull leaves of one image. */
    record Pulled(String name, VerityDigest image, VerityDigest own, String layer, String config, String manifest) {
        Path imageEntry() {
            return Path.of("images", image.hex());
        }

        Path imageName() {
            return Path.of("images/refs/oci", name);
        }

        Path layerEntry() {
            return Path.of("streams", layer);
        }

        Path configEntry() {
            return Path.of("streams", config);
        }

        Path manifestEntry() {
            return Path.of("streams", manifest);
        }

        Path tag() {
            return Path.of("streams/refs/oci", name);
        }
    }

    private final Path folder;
    private ObjectStore store;
    private Staging staging;

    TestStore(Path folder) throws IOException {
        this(folder, VerityAlgorithm.SHA256_4K);
    }

    TestStore(Path folder, VerityAlgorithm algorithm) throws IOException {
        this.store = ObjectStore.open(folder, algorithm);
        this.folder = store.folder();
        this.staging = Staging.begin(this.folder, "pull-" + UUID.randomUUID());
        Files.createDirectories(this.folder.resolve("streams/refs/oci"));
    }

    Path folder() {
        return folder;
    }

    ObjectStore objects() {
        return store;
    }

    static byte[] bytes(String text, int size) {
        byte[] bytes = new byte[size];
        byte[] part = text.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < size; i++) {
            bytes[i] = part[i % part.length];
        }
        return bytes;
    }

    VerityDigest object(byte[] content) throws IOException {
        try (StagedFile file = store.stage(staging.folder())) {
            file.write(content);
            StagedObject staged = file.finish();
            store.publish(staged);
            return staged.digest();
        }
    }

    VerityDigest image(Map<String, byte[]> files) throws IOException {
        Directory root = new Directory(Metadata.ofRoot(0755));
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            VerityDigest object = object(file.getValue());
            root.put(
                    ByteString.utf8(file.getKey()),
                    new RegularFile(Metadata.ofRoot(0644), FileContent.External.of(file.getValue().length, object)));
        }
        return image(root);
    }

    VerityDigest image(Directory root) throws IOException {
        try (StagedFile file = store.stage(staging.folder())) {
            ErofsImageWriter.write(root, FormatVersion.V1, file);
            return store.publishImage(file.finish());
        }
    }

    /** A stream of these parts, byte arrays and of those large ones as objects. */
    VerityDigest stream(String name, ContentType type, Map<String, VerityDigest> named, byte[]... parts)
            throws IOException {
        try (SplitStreamWriter writer = SplitStreamWriter.create(store, staging.folder(), type)) {
            for (byte[] part : parts) {
                if (part.length > 64) {
                    writer.external(object(part), part.length);
                } else {
                    writer.inline(part, 0, part.length);
                }
            }
            named.forEach(writer::stream);
            StagedObject staged = writer.finish();
            store.publish(staged);
            link("streams/" + name, "../objects/" + staged.digest().objectPath());
            return staged.digest();
        }
    }

    Path link(String path, String target) throws IOException {
        Path link = folder.resolve(path);
        Files.createDirectories(link.getParent());
        Files.deleteIfExists(link);
        return Files.createSymbolicLink(link, Path.of(target));
    }

    private static String digest(byte[]... parts) {
        int size = Arrays.stream(parts).mapToInt(part -> part.length).sum();
        byte[] whole = new byte[size];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, whole, at, part.length);
            at += part.length;
        }
        return Digest.Algorithm.SHA256.of(whole).toString();
    }

    /** Stores an image as a pull does: objects, image, streams, names. */
    Pulled pull(String name) throws IOException {
        byte[] shared = bytes("shared ", 300);
        byte[] own = bytes("of " + name + " ", 5000);
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("a", shared);
        files.put("b", own);
        VerityDigest image = image(files);
        byte[] head = bytes("head", 20);
        String diffId = digest(head, shared, own);
        String layer = "oci-layer-" + diffId;
        VerityDigest layerObject = stream(layer, ContentType.LAYER, Map.of(), head, shared, own);
        byte[] configJson = bytes("{\"config of\":\"" + name + "\"}", 100);
        String config = "oci-config-" + digest(configJson);
        VerityDigest configObject = stream(
                config, ContentType.CONFIG, Map.of(diffId, layerObject, "bulla.image.faithful.v1", image), configJson);
        byte[] manifestJson = bytes("{\"manifest of\":\"" + name + "\"}", 100);
        String manifest = "oci-manifest-" + digest(manifestJson);
        stream(
                manifest,
                ContentType.MANIFEST,
                Map.of("config:" + digest(configJson), configObject, diffId, layerObject),
                manifestJson);
        link("streams/refs/oci/" + name, "../../" + manifest);
        store.references().put(name, image);
        return new Pulled(
                name, image, store.algorithm() == image.algorithm() ? objectOf(own) : image, layer, config, manifest);
    }

    private VerityDigest objectOf(byte[] content) {
        return dev.bulla.composefs.FsVerityDigester.of(store.algorithm(), content);
    }

    /** Ends the pull: nobody has the store open. */
    void release() throws IOException {
        staging.close();
        store.close();
    }

    /** Opens the store again. */
    void reopen() throws IOException {
        store = ObjectStore.open(folder, store.algorithm());
        staging = Staging.begin(folder, "pull-" + UUID.randomUUID());
    }

    Path path(VerityDigest object) {
        return folder.resolve("objects").resolve(object.objectPath());
    }

    /** The object of a stream's or image's link. */
    Path objectOf(Path entry) throws IOException {
        return folder.resolve(entry).toRealPath();
    }

    static void flip(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
    }

    /** All files and links, from the store's folder, but those of staging. */
    List<String> all() throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            return paths.filter(path -> !Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
                    .map(path -> folder.relativize(path).toString())
                    .filter(path -> !path.startsWith("staging"))
                    .sorted()
                    .toList();
        }
    }

    @Override
    public void close() throws IOException {
        release();
    }
}
