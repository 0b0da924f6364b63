package dev.bulla.provision.quickstart;

import com.github.luben.zstd.ZstdOutputStream;
import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.MediaTypes;
import dev.bulla.oci.Platform;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonValue;
import dev.bulla.oci.json.JsonWriter;
import dev.bulla.provision.LayoutWriter;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/**
 * The image that the quickstart pulls: three layers (gzip, zstd, uncompressed) of this JDK's own files and some that show
 * what layers can do: a whiteout, an opaque folder, a hard link, a symbolic link, an extended attribute, times finer than
 * seconds.
 */
final class DemoImage {
    /** How many bytes of this machine's files the image has, at least. */
    static final long LEAST_BYTES = 20_000_000;

    private static final long HUGE = 8_000_000;
    private static final String LAYER = "application/vnd.oci.image.layer.v1.tar";

    private final LayoutWriter layout;
    private final Path javaHome;
    private final Instant time;
    private final List<Path> files;
    private final List<Descriptor> layers = new ArrayList<>();
    private final List<Digest> diffIds = new ArrayList<>();

    private DemoImage(LayoutWriter layout, Path javaHome, Instant time) throws IOException {
        this.layout = layout;
        this.javaHome = javaHome;
        this.time = time;
        this.files = files(javaHome);
    }

    /** Fills a layer. */
    private interface Content {
        void write(DemoLayer layer) throws IOException;
    }

    /** Compresses a layer. */
    private interface Compression {
        OutputStream over(OutputStream out) throws IOException;
    }

    /**
     * Writes the image into a layout.
     *
     * @param javaHome a JDK, whose files the image gets
     * @return the manifest's descriptor
     */
    static Descriptor write(LayoutWriter layout, String tag, Path javaHome, Instant time) throws IOException {
        return new DemoImage(layout, javaHome, time).write(tag);
    }

    private Descriptor write(String tag) throws IOException {
        layer("+gzip", GZIPOutputStream::new, this::machine);
        layer("+zstd", ZstdOutputStream::new, DemoImage::application);
        layer("", out -> out, this::change);
        byte[] config = JsonWriter.compact(config()).getBytes(StandardCharsets.UTF_8);
        JsonObject manifest = Manifest.toJson(layout.putBytes(MediaTypes.OCI_CONFIG, config), layers);
        return layout.putManifest(
                MediaTypes.OCI_MANIFEST,
                JsonWriter.compact(manifest).getBytes(StandardCharsets.UTF_8),
                Optional.of(tag));
    }

    private void layer(String suffix, Compression compression, Content content) throws IOException {
        ByteArrayOutputStream blob = new ByteArrayOutputStream();
        OutputStream compressed = compression.over(blob);
        DemoLayer layer = new DemoLayer(compressed, time);
        try (layer) {
            content.write(layer);
        }
        diffIds.add(layer.diffId());
        byte[] bytes = blob.toByteArray();
        Descriptor descriptor = Descriptor.of(LAYER + suffix, Digest.Algorithm.SHA256.of(bytes), bytes.length);
        layout.putBlob(descriptor, () -> new ByteArrayInputStream(bytes));
        layers.add(descriptor);
    }

    /** The lowest layer: the virtual machine's own library, and more of the JDK where that is little. */
    private void machine(DemoLayer layer) throws IOException {
        layer.directory("etc");
        layer.text("etc/passwd", "root:x:0:0:root:/:/sbin/nologin\ndemo:x:1000:1000:demo:/app:/sbin/nologin\n");
        layer.text("etc/group", "root:x:0:\ndemo:x:1000:\n");
        layer.directory("opt");
        layer.directory("opt/jdk");
        copy(layer, LEAST_BYTES);
    }

    /** Copies the next files of the JDK until {@code least} bytes are copied or none is left. */
    private void copy(DemoLayer layer, long least) throws IOException {
        TreeSet<String> directories = new TreeSet<>();
        long copied = 0;
        while (copied < least && !files.isEmpty()) {
            Path file = files.removeFirst();
            String name = "opt/jdk/" + javaHome.relativize(file);
            for (int slash = name.indexOf('/', "opt/jdk/".length()); slash >= 0; slash = name.indexOf('/', slash + 1)) {
                if (directories.add(name.substring(0, slash))) {
                    layer.directory(name.substring(0, slash));
                }
            }
            layer.copy(name, file);
            copied += Files.size(file);
        }
    }

    /** The JDK's files: its largest library first, then all of moderate size, then, as a reserve, what is huge. */
    private static List<Path> files(Path javaHome) throws IOException {
        List<Path> files = new ArrayList<>();
        List<Path> huge = new ArrayList<>();
        try (Stream<Path> all = Files.walk(javaHome)) {
            for (Path file : (Iterable<Path>) all.sorted()::iterator) {
                if (Files.isRegularFile(file) && Files.isReadable(file)) {
                    (Files.size(file) < HUGE ? files : huge).add(file);
                }
            }
        }
        Path machine = javaHome.resolve("lib").resolve("server").resolve("libjvm.so");
        if (huge.remove(machine) || files.remove(machine)) {
            files.addFirst(machine);
        }
        files.addAll(huge);
        return files;
    }

    private static void application(DemoLayer layer) throws IOException {
        layer.directory("app");
        layer.file(
                "app/secret.txt",
                "What stands here left the tenant encrypted and is read in the guest only.\n"
                        .getBytes(StandardCharsets.UTF_8),
                Map.of("user.bulla.origin", "quickstart"));
        layer.hardLink("app/secret-again.txt", "app/secret.txt");
        layer.symlink("app/jdk", "../opt/jdk");
        layer.text("app/old.txt", "The next layer deletes this.\n");
        layer.directory("app/cache");
        layer.text("app/cache/stale", "The next layer empties this folder.\n");
        layer.text("app/größe.txt", "A name beyond ASCII.\n");
    }

    private void change(DemoLayer layer) throws IOException {
        layer.directory("app");
        layer.text("app/.wh.old.txt", "");
        layer.directory("app/cache");
        layer.text("app/cache/.wh..wh..opq", "");
        layer.text("app/cache/fresh", "New in the third layer.\n");
        copy(layer, LEAST_BYTES / 2);
    }

    private JsonObject config() {
        Platform platform = Platform.current();
        return JsonObject.builder()
                .put("created", time.toString())
                .put("architecture", platform.architecture())
                .put("os", platform.os())
                .put(
                        "config",
                        JsonObject.builder()
                                .put("User", "1000:1000")
                                .put("Env", JsonArray.ofStrings(List.of("PATH=/opt/jdk/bin", "DEMO=1")))
                                .put("Cmd", JsonArray.ofStrings(List.of("java", "--version")))
                                .put("WorkingDir", "/app")
                                .build())
                .put(
                        "rootfs",
                        JsonObject.builder()
                                .put("type", "layers")
                                .put(
                                        "diff_ids",
                                        new JsonArray(diffIds.stream()
                                                .map(id -> (JsonValue) new JsonString(id.toString()))
                                                .toList()))
                                .build())
                .build();
    }
}
