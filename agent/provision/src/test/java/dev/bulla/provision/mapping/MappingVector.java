package dev.bulla.provision.mapping;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.MediaTypes;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonWriter;
import dev.bulla.provision.LayoutWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * A test vector of {@code docs/mapping.md}: layers, and the digests of their trees.
 *
 * @param name its name
 * @param layers the archives
 * @param digests by mapping the image's digest or {@code refused}
 */
public record MappingVector(String name, List<byte[]> layers, Map<String, String> digests) {
    /** All of them, in the file's order. */
    public static List<MappingVector> all() {
        List<MappingVector> vectors = new ArrayList<>();
        String text;
        try (InputStream in = Objects.requireNonNull(MappingVector.class.getResourceAsStream("/mapping/vectors.txt"))) {
            text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            for (String block : text.split("\n\n")) {
                List<String> lines =
                        block.lines().filter(line -> !line.startsWith("#")).toList();
                if (!lines.isEmpty()) {
                    vectors.add(read(lines));
                }
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return vectors;
    }

    private static MappingVector read(List<String> lines) throws IOException {
        String name = lines.getFirst().split(" ")[1];
        List<byte[]> layers = new ArrayList<>();
        Map<String, String> digests = new LinkedHashMap<>();
        List<String> entries = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            String first = line.split(" ")[0];
            if (first.equals("layer")) {
                if (!entries.isEmpty()) {
                    layers.add(tar(entries));
                    entries.clear();
                }
            } else if (first.length() == 1) {
                entries.add(line);
            } else {
                digests.put(first, line.split(" ")[1]);
            }
        }
        layers.add(tar(entries));
        return new MappingVector(name, layers, digests);
    }

    private static byte[] tar(List<String> entries) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, 512)) {
            tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
            for (String entry : entries) {
                add(tar, entry);
            }
        }
        return bytes.toByteArray();
    }

    private static void add(TarArchiveOutputStream tar, String line) throws IOException {
        int attributes = line.indexOf(" @");
        String[] fields = (attributes < 0 ? line : line.substring(0, attributes)).split(" ", 6);
        String argument = fields.length > 5 ? fields[5] : "";
        byte type = switch (fields[0]) {
            case "d" -> TarConstants.LF_DIR;
            case "f" -> TarConstants.LF_NORMAL;
            case "l" -> TarConstants.LF_SYMLINK;
            case "h" -> TarConstants.LF_LINK;
            case "c" -> TarConstants.LF_CHR;
            case "b" -> TarConstants.LF_BLK;
            case "p" -> TarConstants.LF_FIFO;
            default -> throw new AssertionError(line);
        };
        TarArchiveEntry entry = new TarArchiveEntry(fields[1], type, true);
        entry.setMode(Integer.parseInt(fields[2], 8));
        String[] owner = fields[3].split(":");
        entry.setUserId(Long.parseLong(owner[0]));
        entry.setGroupId(Long.parseLong(owner[1]));
        BigDecimal mtime = new BigDecimal(fields[4]);
        entry.setModTime(mtime.longValue() * 1000);
        if (mtime.scale() > 0) {
            entry.addPaxHeader("mtime", fields[4]);
        }
        byte[] content = new byte[0];
        switch (type) {
            case TarConstants.LF_NORMAL -> content = content(argument);
            case TarConstants.LF_SYMLINK, TarConstants.LF_LINK -> entry.setLinkName(argument);
            case TarConstants.LF_CHR, TarConstants.LF_BLK -> {
                entry.setDevMajor(Integer.parseInt(argument.split(":")[0]));
                entry.setDevMinor(Integer.parseInt(argument.split(":")[1]));
            }
            default -> {}
        }
        if (attributes >= 0) {
            for (String attribute : line.substring(attributes + 2).split(" @")) {
                int equals = attribute.indexOf('=');
                entry.addPaxHeader("SCHILY.xattr." + attribute.substring(0, equals), attribute.substring(equals + 1));
            }
        }
        entry.setSize(content.length);
        tar.putArchiveEntry(entry);
        tar.write(content);
        tar.closeArchiveEntry();
    }

    private static byte[] content(String argument) {
        if (argument.startsWith("*")) {
            byte[] content = new byte[Integer.parseInt(argument.substring(1))];
            for (int i = 0; i < content.length; i++) {
                content[i] = (byte) (i % 251);
            }
            return content;
        }
        return argument.isEmpty() ? new byte[0] : argument.substring(1).getBytes(StandardCharsets.UTF_8);
    }

    /** Writes the layers as an image of a layout. */
    public Descriptor write(Path folder, String tag) throws IOException {
        try (LayoutWriter layout = LayoutWriter.open(folder)) {
            List<Descriptor> blobs = new ArrayList<>();
            List<String> diffIds = new ArrayList<>();
            for (byte[] layer : layers) {
                blobs.add(layout.putBytes("application/vnd.oci.image.layer.v1.tar", layer));
                diffIds.add(Digest.Algorithm.SHA256.of(layer).toString());
            }
            JsonObject config = JsonObject.builder()
                    .put("architecture", "amd64".equals(System.getProperty("os.arch")) ? "amd64" : "arm64")
                    .put("os", "linux")
                    .put("config", JsonObject.builder().build())
                    .put(
                            "rootfs",
                            JsonObject.builder()
                                    .put("type", "layers")
                                    .put("diff_ids", JsonArray.ofStrings(diffIds))
                                    .build())
                    .build();
            Descriptor written = layout.putBytes(
                    MediaTypes.OCI_CONFIG, JsonWriter.compact(config).getBytes(StandardCharsets.UTF_8));
            byte[] manifest =
                    JsonWriter.compact(Manifest.toJson(written, blobs)).getBytes(StandardCharsets.UTF_8);
            return layout.putManifest(MediaTypes.OCI_MANIFEST, manifest, Optional.of(tag));
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
