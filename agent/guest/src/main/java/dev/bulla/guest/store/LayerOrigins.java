package dev.bulla.guest.store;

import dev.bulla.oci.Digest;
import dev.bulla.oci.OciException;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How the layers of a store came to it: plain, or opened with which keys. One file a layer, {@code
 * <store>/records/layers/<algorithm>-<hex of the diff_id>.json}.
 *
 * <p><b>Security.</b> What is stored of an encrypted layer is its plaintext. It may be used again only by a pull to which the
 * same key was released now; otherwise a manifest that calls the layer plain, or that wraps a key of its maker's, would get
 * it without a release. Keys are not kept: a check value of each is ({@code OpenedLayer.keyCheck}). Where nothing is known of
 * a layer it is not used. Whoever can edit these files can read the layers beside them.
 */
public final class LayerOrigins {
    private static final int MAX_BYTES = 1 << 16;
    private static final int MAX_KEYS = 64;
    private static final int CHECK_LENGTH = 32;
    private static final String PRIVATE = "rwx------";

    private final Path folder;

    /** Those of the store in that folder. */
    public LayerOrigins(Path store) {
        this.folder = store.resolve("records").resolve("layers");
    }

    private record Origin(boolean plain, Set<String> keys) {}

    /**
     * Whether a stored layer may be used.
     *
     * @param diffId the layer
     * @param keyCheck the check value of the key that was opened for it; empty when the manifest calls it plain
     */
    public boolean permits(Digest diffId, Optional<byte[]> keyCheck) throws IOException {
        Optional<Origin> origin = read(diffId);
        return origin.isPresent()
                && (origin.orElseThrow().plain
                        || (keyCheck.isPresent() && origin.orElseThrow().keys.contains(hex(keyCheck.orElseThrow()))));
    }

    /** Remembers how a layer came; before it can be found in the store. */
    public void put(Digest diffId, Optional<byte[]> keyCheck) throws IOException {
        Origin known = read(diffId).orElse(new Origin(false, Set.of()));
        Set<String> keys = new LinkedHashSet<>(known.keys);
        if (keyCheck.isPresent()) {
            keys.add(hex(keyCheck.orElseThrow()));
            if (keys.size() > MAX_KEYS) {
                keys.remove(keys.iterator().next());
            }
        }
        Origin now = new Origin(known.plain || keyCheck.isEmpty(), keys);
        if (!now.equals(known)) {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(PRIVATE)));
            AtomicFile.write(
                    folder,
                    name(diffId),
                    JsonWriter.canonical(JsonObject.builder()
                            .put("diffId", diffId.toString())
                            .put("keyChecks", JsonArray.ofStrings(List.copyOf(keys)))
                            .put("plain", now.plain)
                            .build()));
        }
    }

    private Optional<Origin> read(Digest diffId) throws IOException {
        Optional<byte[]> bytes = AtomicFile.read(folder.resolve(name(diffId)), MAX_BYTES);
        if (bytes.isEmpty() || bytes.orElseThrow().length > MAX_BYTES) {
            return Optional.empty();
        }
        try {
            return Optional.of(parse(diffId, bytes.orElseThrow()));
        } catch (OciException e) {
            return Optional.empty(); // as if nothing were known: the layer is fetched, and this written again
        }
    }

    private static Origin parse(Digest diffId, byte[] utf8) throws JsonException {
        JsonCursor.Members json = JsonCursor.parse(utf8).object();
        json.allowOnly("diffId", "keyChecks", "plain");
        Set<String> keys = new LinkedHashSet<>(json.required("keyChecks").strings());
        boolean sound = json.required("diffId").string().equals(diffId.toString())
                && keys.size() <= MAX_KEYS
                && keys.stream().allMatch(key -> key.matches("[0-9a-f]{" + 2 * CHECK_LENGTH + "}"));
        if (!sound) {
            throw new JsonException("origin of a layer", "not one of " + diffId);
        }
        return new Origin(json.required("plain").bool(), keys);
    }

    private static String hex(byte[] keyCheck) {
        if (keyCheck.length != CHECK_LENGTH) {
            throw new IllegalArgumentException(
                    "a key's check of " + keyCheck.length + " bytes, expected " + CHECK_LENGTH);
        }
        return HexFormat.of().formatHex(keyCheck);
    }

    private static String name(Digest diffId) {
        return diffId.algorithm().id() + "-" + diffId.hex() + ".json";
    }
}
