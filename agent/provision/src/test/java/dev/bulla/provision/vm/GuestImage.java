package dev.bulla.provision.vm;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.MediaTypes;
import dev.bulla.oci.json.JsonWriter;
import dev.bulla.provision.LayoutWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** The image that is pulled in a guest, and what its files hold. */
final class GuestImage {
    /** A file of the image that is kept as an object of its own. */
    static final String LARGE = "large";

    /** Another one. */
    static final String SECOND = "folder/second";

    /** A file that is kept within the image. */
    static final String SMALL = "folder/small";

    static final String POLICY = "{\"default\":[{\"type\":\"insecureAcceptAnything\"}],"
            + "\"bulla\":{\"version\":1,\"matrix\":{\"unencryptedUnsigned\":{\"allow\":true}}}}";

    private GuestImage() {}

    /** Files by their paths. */
    static Map<String, byte[]> files() {
        return new TreeMap<>(Map.of(LARGE, content(300_000), SECOND, content(100_001), SMALL, content(20)));
    }

    private static byte[] content(int size) {
        byte[] bytes = new byte[size];
        new SplittableRandom(size).nextBytes(bytes);
        return bytes;
    }

    /** Writes it into a layout, as {@code v1}. */
    static void write(Path layout) throws IOException {
        byte[] tar = tar();
        try (LayoutWriter writer = LayoutWriter.open(layout)) {
            Descriptor layer = writer.putBytes("application/vnd.oci.image.layer.v1.tar", tar);
            String config =
                    "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{},\"rootfs\":{\"type\":\"layers\","
                            + "\"diff_ids\":[\"" + Digest.Algorithm.SHA256.of(tar) + "\"]}}";
            Descriptor configBlob = writer.putBytes(MediaTypes.OCI_CONFIG, config.getBytes(StandardCharsets.UTF_8));
            byte[] manifest = JsonWriter.compact(Manifest.toJson(configBlob, List.of(layer)))
                    .getBytes(StandardCharsets.UTF_8);
            writer.putManifest(MediaTypes.OCI_MANIFEST, manifest, Optional.of("v1"));
        }
    }

    private static byte[] tar() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> file : files().entrySet()) {
                TarArchiveEntry entry = new TarArchiveEntry(file.getKey());
                entry.setSize(file.getValue().length);
                entry.setModTime(0);
                tar.putArchiveEntry(entry);
                tar.write(file.getValue());
                tar.closeArchiveEntry();
            }
            TarArchiveEntry link = new TarArchiveEntry("link", TarArchiveEntry.LF_LINK);
            link.setLinkName(LARGE);
            link.setModTime(0);
            tar.putArchiveEntry(link);
            tar.closeArchiveEntry();
        }
        return bytes.toByteArray();
    }
}
