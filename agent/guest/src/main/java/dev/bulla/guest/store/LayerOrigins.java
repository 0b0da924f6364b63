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
 * it without a release. And a layer that a manifest calls encrypted counts as such only if its key has decrypted it once:
 * else somebody else's content, put into the store, would pass for what the holder of the key has made. So for each key a
 * proof is kept that nobody else can make ({@code OpenedLayer.keyProof}). Where nothing is known of a layer it is not used.
 * That a layer is plain is no proof of anything; whoever can write that here can read the layer beside it.
 */
public final class LayerOrigins {
    private static final int MAX_BYTES = 1 << 16;
    private static final int MAX_KEYS = 64;
    private static final int PROOF_LENGTH = 32;
    private static final String PRIVATE = "rwx------";

    private final Path folder;

    /** Those of the store in that folder. */
    public LayerOrigins(Path store) {
        this.folder = folder(store);
    }

    /** Where a store keeps them. */
    static Path folder(Path store) {
        return store.resolve("records").resolve("layers");
    }

    /** Whether a file there is of a layer. */
    static boolean isName(String name) {
        return name.matches("sha(256|512)-[0-9a-f]+\\.json");
    }

    private record Origin(boolean plain, Set<String> keys) {}

    /**
     * Whether a stored layer may be used.
     *
     * @param diffId the layer
     * @param keyProof the proof of the key that was opened for it; empty when the manifest calls it plain
     */
    public boolean permits(Digest diffId, Optional<byte[]> keyProof) throws IOException {
        Optional<Origin> origin = read(diffId);
        return origin.isPresent()
                && (keyProof.isPresent()
                        ? origin.orElseThrow().keys.contains(hex(keyProof.orElseThrow()))
                        : origin.orElseThrow().plain);
    }

    /** Remembers how a layer came; before it can be found in the store. */
    public void put(Digest diffId, Optional<byte[]> keyProof) throws IOException {
        Origin known = read(diffId).orElse(new Origin(false, Set.of()));
        Set<String> keys = new LinkedHashSet<>(known.keys);
        if (keyProof.isPresent()) {
            keys.add(hex(keyProof.orElseThrow()));
            if (keys.size() > MAX_KEYS) {
                keys.remove(keys.iterator().next());
            }
        }
        Origin now = new Origin(known.plain || keyProof.isEmpty(), keys);
        if (!now.equals(known)) {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(PRIVATE)));
            AtomicFile.write(
                    folder,
                    name(diffId),
                    JsonWriter.canonical(JsonObject.builder()
                            .put("diffId", diffId.toString())
                            .put("keyProofs", JsonArray.ofStrings(List.copyOf(keys)))
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
        json.allowOnly("diffId", "keyProofs", "plain");
        Set<String> keys = new LinkedHashSet<>(json.required("keyProofs").strings());
        boolean sound = json.required("diffId").string().equals(diffId.toString())
                && keys.size() <= MAX_KEYS
                && keys.stream().allMatch(key -> key.matches("[0-9a-f]{" + 2 * PROOF_LENGTH + "}"));
        if (!sound) {
            throw new JsonException("origin of a layer", "not one of " + diffId);
        }
        return new Origin(json.required("plain").bool(), keys);
    }

    private static String hex(byte[] keyProof) {
        if (keyProof.length != PROOF_LENGTH) {
            throw new IllegalArgumentException(
                    "a key's proof of " + keyProof.length + " bytes, expected " + PROOF_LENGTH);
        }
        return HexFormat.of().formatHex(keyProof);
    }

    /** How the file of a layer is called. */
    static String name(Digest diffId) {
        return diffId.algorithm().id() + "-" + diffId.hex() + ".json";
    }
}
