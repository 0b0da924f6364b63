package dev.bulla.attestation.client;

import dev.bulla.attestation.protocol.KbsProtocolException;
import dev.bulla.attestation.protocol.ResourcePath;
import dev.bulla.attestation.protocol.ResourceUri;
import dev.bulla.oci.ResourceException;
import dev.bulla.oci.ResourceSource;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Gives {@code kbs:///} resources out of files, as guest-components' {@code offline_fs_kbc}: JSON objects
 * {@code {"repository/type/tag":"<base64>"}}, of which a later one replaces what an earlier one has.
 *
 * <p>A file that is not there is passed over; one that is malformed is refused. {@link #warnings} says what was passed over or
 * replaced.
 *
 * <p><b>Security.</b> There is no attestation: whoever reads the files has the keys in them, and whoever writes them decides
 * what the guest trusts. They are worth what the file system is that they lie on: a measured one makes the policies and roots
 * in them the tenant's, and none makes the keys in them secret.
 */
public final class OfflineFsKbc implements ResourceSource {
    /** The files that guest-components reads, in this order. */
    public static final List<Path> DEFAULT_FILES =
            List.of(Path.of("/etc/aa-offline_fs_kbc-keys.json"), Path.of("/etc/aa-offline_fs_kbc-resources.json"));

    /** The largest file in bytes. */
    public static final int MAX_FILE = 16 * 1024 * 1024;

    private final Map<ResourcePath, byte[]> resources;
    private final List<String> warnings;

    private OfflineFsKbc(Map<ResourcePath, byte[]> resources, List<String> warnings) {
        this.resources = resources;
        this.warnings = warnings;
    }

    /**
     * Reads the files, in this order.
     *
     * @throws KbsConfigurationException when one is there and cannot be read, is too large or malformed
     */
    public static OfflineFsKbc load(List<Path> files) throws KbsConfigurationException {
        Map<ResourcePath, byte[]> resources = new HashMap<>();
        List<String> warnings = new ArrayList<>();
        for (Path file : files) {
            Optional<byte[]> text = read(file);
            if (text.isEmpty()) {
                warnings.add("offline_fs_kbc: there is no file " + file);
                continue;
            }
            add(resources, warnings, file, text.get());
        }
        return new OfflineFsKbc(resources, List.copyOf(warnings));
    }

    private static Optional<byte[]> read(Path file) throws KbsConfigurationException {
        if (Files.notExists(file)) {
            return Optional.empty();
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] text = in.readNBytes(MAX_FILE + 1);
            if (text.length > MAX_FILE) {
                throw refused(file, "more than the limit of " + MAX_FILE + " bytes", null);
            }
            return Optional.of(text);
        } catch (IOException e) {
            throw refused(file, "cannot be read: " + e.getClass().getSimpleName(), e);
        }
    }

    private static void add(Map<ResourcePath, byte[]> resources, List<String> warnings, Path file, byte[] text)
            throws KbsConfigurationException {
        try {
            for (var member : JsonCursor.parse(text).object().all().entrySet()) {
                ResourcePath path = ResourcePath.parse(member.getKey());
                JsonCursor value = member.getValue();
                byte[] previous = resources.put(path, decode(value));
                if (previous != null) {
                    Arrays.fill(previous, (byte) 0);
                    warnings.add("offline_fs_kbc: " + file + " replaces " + path);
                }
            }
        } catch (JsonException | KbsProtocolException e) {
            throw refused(file, String.valueOf(e.getMessage()), e);
        } finally {
            Arrays.fill(text, (byte) 0);
        }
    }

    private static byte[] decode(JsonCursor value) throws JsonException {
        String base64 = value.string();
        try {
            byte[] bytes = Base64.getDecoder().decode(base64);
            if (Base64.getEncoder().encodeToString(bytes).equals(base64)) {
                return bytes;
            }
        } catch (IllegalArgumentException e) {
            // refused below, without the value, which may be a key
        }
        throw value.refuse("not canonical base64");
    }

    private static KbsConfigurationException refused(Path file, String problem, @Nullable Throwable cause) {
        return new KbsConfigurationException("offline_fs_kbc: " + file + ": " + problem, cause);
    }

    /** What was passed over or replaced, a line each. */
    public List<String> warnings() {
        return warnings;
    }

    @Override
    public byte[] fetch(URI uri, int limit) throws ResourceException {
        Optional<ResourcePath> path;
        try {
            path = ResourceUri.from(uri).resource();
        } catch (KbsProtocolException e) {
            throw new ResourceException(uri, ResourceException.Reason.REFUSED, e.getMessage(), e);
        }
        byte[] content = path.isEmpty() ? null : resources.get(path.get());
        if (content == null) {
            throw new ResourceException(
                    uri, ResourceException.Reason.NOT_FOUND, "no file of the offline KBC has such a resource");
        }
        if (content.length > limit) {
            throw new ResourceException(
                    uri, ResourceException.Reason.TOO_LARGE, "larger than the limit of " + limit + " bytes");
        }
        return content.clone();
    }

    /** Without the resources. */
    @Override
    public String toString() {
        return "OfflineFsKbc[" + resources.size() + " resources]";
    }
}
