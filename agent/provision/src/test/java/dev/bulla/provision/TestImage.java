package dev.bulla.provision;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.MediaTypes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;

/** A small image in a layout: layers are tars without entries but of different lengths, gzipped. */
final class TestImage {
    private static final int BLOCK = 512;

    private TestImage() {}

    /** Writes an image of so many layers; its layers' blobs come back. */
    static List<byte[]> write(Path folder, String tag, int layers) throws IOException {
        return write(
                folder,
                tag,
                layers,
                MediaTypes.OCI_MANIFEST,
                MediaTypes.OCI_CONFIG,
                "application/vnd.oci.image.layer.v1.tar+gzip");
    }

    static List<byte[]> writeDocker(Path folder, String tag) throws IOException {
        return write(
                folder,
                tag,
                2,
                MediaTypes.DOCKER_MANIFEST,
                MediaTypes.DOCKER_CONFIG,
                "application/vnd.docker.image.rootfs.diff.tar.gzip");
    }

    private static List<byte[]> write(
            Path folder, String tag, int layers, String manifestType, String configType, String layerType)
            throws IOException {
        List<byte[]> blobs = new ArrayList<>();
        List<String> diffIds = new ArrayList<>();
        StringBuilder layerJson = new StringBuilder();
        try (LayoutWriter layout = LayoutWriter.open(folder)) {
            for (int i = 0; i < layers; i++) {
                byte[] tar = new byte[BLOCK * (2 + i)];
                diffIds.add("\"" + Digest.Algorithm.SHA256.of(tar) + "\"");
                byte[] blob = gzip(tar);
                blobs.add(blob);
                Descriptor layer = layout.putBytes(layerType, blob);
                layerJson
                        .append(i == 0 ? "" : ",")
                        .append(json(layer, ",\"annotations\":{\"org.example.n\":\"" + i + "\"}"));
            }
            String config =
                    "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{},\"rootfs\":{\"type\":\"layers\","
                            + "\"diff_ids\":[" + diffIds.stream().collect(Collectors.joining(",")) + "]}}";
            Descriptor configBlob = layout.putBytes(configType, config.getBytes(StandardCharsets.UTF_8));
            String manifest = "{\"schemaVersion\":2,\"mediaType\":\"" + manifestType + "\",\"config\":"
                    + json(configBlob, "") + ",\"layers\":[" + layerJson
                    + "],\"annotations\":{\"org.example\":\"kept\"}}";
            layout.putManifest(manifestType, manifest.getBytes(StandardCharsets.UTF_8), Optional.of(tag));
        }
        return blobs;
    }

    private static String json(Descriptor descriptor, String more) {
        return "{\"mediaType\":\"" + descriptor.mediaType() + "\",\"digest\":\"" + descriptor.digest() + "\",\"size\":"
                + descriptor.size() + more + "}";
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }
}
