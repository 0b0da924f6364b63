package dev.bulla.composefs.seal;

import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.signature.FsVeritySignature;
import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.ManifestOrIndex;
import dev.bulla.oci.MediaTypes;
import dev.bulla.oci.OciException;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A seal as an artifact that refers to the image: a manifest whose layers are the signatures, each annotated with the digest
 * that it signs, in the order manifest, config, merged, merged.bootable, all of one algorithm.
 *
 * <p>A digest without a signature has the empty JSON object as its layer. The specification says that signatures are optional
 * and not what stands in their place; that is our reading.
 */
public final class SealArtifact {
    /** The artifact's type. */
    public static final String ARTIFACT_TYPE = "application/vnd.composefs.metadata.v1";

    /** The media type of a signature. */
    public static final String SIGNATURE_TYPE = "application/vnd.composefs.signature.v1+pkcs7";

    /** The most bytes of an artifact's manifest. */
    public static final int MAX_LENGTH = 64 << 10;

    /** The roles, in the order in which they stand. */
    private static final List<SealRole> ORDER =
            List.of(SealRole.MANIFEST, SealRole.CONFIG, SealRole.MERGED, SealRole.MERGED_BOOTABLE);

    private static final byte[] EMPTY_JSON = "{}".getBytes(StandardCharsets.UTF_8);

    /** The empty configuration, and the layer of a digest that nobody signed. */
    private static final Descriptor EMPTY =
            Descriptor.of(MediaTypes.OCI_EMPTY, Digest.Algorithm.SHA256.of(EMPTY_JSON), EMPTY_JSON.length);

    private SealArtifact() {}

    /** Gives a signature's bytes, verified by the descriptor's digest and size. */
    @FunctionalInterface
    public interface Blobs {
        /** The blob, of at most {@code limit} bytes. */
        byte[] read(Descriptor blob, int limit) throws IOException;
    }

    /**
     * Reads an artifact.
     *
     * @param bytes its manifest, whose digest the caller has checked
     * @param image the image's manifest, as the artifact must name it
     * @param blobs where its signatures are
     * @throws SealException when it is no seal of that image, malformed or incomplete
     */
    public static Seal read(byte[] bytes, Descriptor image, Blobs blobs) throws IOException {
        if (bytes.length > MAX_LENGTH) {
            throw new SealException("artifact: got " + bytes.length + " bytes, expected at most " + MAX_LENGTH);
        }
        Manifest artifact = parse(bytes);
        requireSubject(artifact, image);
        if (artifact.layers().isEmpty() || artifact.layers().size() > ORDER.size()) {
            throw new SealException(
                    "artifact: got " + artifact.layers().size() + " layers, expected 1 to " + ORDER.size());
        }
        List<SealKey> keys = keys(artifact.layers());
        List<SealEntry> entries = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            entries.add(entry(keys.get(i), artifact.layers().get(i), blobs));
        }
        return Seal.complete(Seal.Source.ARTIFACT, "artifact", entries);
    }

    private static Manifest parse(byte[] bytes) throws SealException {
        try {
            return switch (ManifestOrIndex.parse(bytes, Optional.of(MediaTypes.OCI_MANIFEST))) {
                case Manifest manifest -> manifest;
                case dev.bulla.oci.Index _ -> throw new SealException("artifact: an index, expected a manifest");
            };
        } catch (OciException e) {
            throw new SealException("artifact: " + e.getMessage(), e);
        }
    }

    private static void requireSubject(Manifest artifact, Descriptor image) throws SealException {
        if (!artifact.artifactType().equals(Optional.of(ARTIFACT_TYPE))) {
            throw new SealException("artifact: its type is "
                    + Quoted.text(artifact.artifactType().orElse("not stated")) + ", expected " + ARTIFACT_TYPE);
        }
        if (!isEmpty(artifact.config())) {
            throw new SealException("artifact: its config is "
                    + artifact.config().digest() + ", expected the empty one, " + EMPTY.digest());
        }
        Descriptor subject = artifact.subject()
                .orElseThrow(() -> new SealException("artifact: it refers to nothing, expected " + image.digest()));
        if (!subject.digest().equals(image.digest())
                || subject.size() != image.size()
                || !subject.mediaType().equals(image.mediaType())) {
            throw new SealException("artifact: it refers to " + subject.digest() + " of " + subject.size()
                    + " bytes, " + Quoted.text(subject.mediaType()) + ", expected " + image.digest() + " of "
                    + image.size() + " bytes, " + image.mediaType());
        }
    }

    private static boolean isEmpty(Descriptor blob) {
        return blob.mediaType().equals(EMPTY.mediaType())
                && blob.digest().equals(EMPTY.digest())
                && blob.size() == EMPTY.size();
    }

    private static List<SealKey> keys(List<Descriptor> layers) throws SealException {
        List<SealKey> keys = new ArrayList<>();
        int last = -1;
        for (Descriptor layer : layers) {
            List<SealKey> here = layer.annotations().keySet().stream()
                    .flatMap(key -> SealKey.parse(key).stream())
                    .toList();
            if (here.size() != 1 || here.getFirst().signature()) {
                throw new SealException(
                        "artifact layer " + keys.size() + ": got " + here + ", expected one key with a digest");
            }
            SealKey key = here.getFirst();
            int place = ORDER.indexOf(key.role());
            if (place < 0) {
                throw new SealException(
                        "artifact layer " + keys.size() + ": got " + key + ", which an artifact does not hold");
            }
            if (place <= last) {
                throw new SealException("artifact layer " + keys.size() + ": got the role "
                        + key.role().id()
                        + ", expected each once, in the order manifest, config, merged, merged.bootable");
            }
            last = place;
            if (!keys.isEmpty() && keys.getFirst().algorithm() != key.algorithm()) {
                throw new SealException("artifact layer " + keys.size() + ": got "
                        + key.algorithm().id() + ", expected "
                        + keys.getFirst().algorithm().id() + " as in the first");
            }
            keys.add(key);
        }
        if (keys.stream().noneMatch(key -> key.role() == SealRole.MERGED)) {
            throw new SealException("artifact: it has no entry for the root tree, " + SealRole.MERGED.id());
        }
        return keys;
    }

    private static SealEntry entry(SealKey key, Descriptor layer, Blobs blobs) throws IOException {
        String where = "artifact layer of " + key.role().id();
        VerityDigest digest = SealEntry.digest(key, where, layer.annotations().getOrDefault(key.id(), ""));
        if (isEmpty(layer)) {
            return new SealEntry(key.role(), 0, digest, Optional.empty());
        }
        if (!layer.mediaType().equals(SIGNATURE_TYPE)) {
            throw new SealException(
                    where + ": got the media type " + Quoted.text(layer.mediaType()) + ", expected " + SIGNATURE_TYPE);
        }
        if (layer.size() < 1 || layer.size() > FsVeritySignature.MAX_LENGTH) {
            throw new SealException(where + ": got a signature of " + layer.size() + " bytes, expected 1 to "
                    + FsVeritySignature.MAX_LENGTH);
        }
        byte[] der = blobs.read(layer, FsVeritySignature.MAX_LENGTH);
        return new SealEntry(key.role(), 0, digest, Optional.of(new SealEntry.Pkcs7(der)));
    }

    /**
     * An artifact that is to be written.
     *
     * @param blobs the bytes of its layers and its configuration, by descriptor
     * @param manifest its manifest's bytes
     */
    public record Written(List<Blob> blobs, String manifest) {
        public Written {
            blobs = List.copyOf(blobs);
        }

        /** The manifest's bytes. */
        public byte[] manifestBytes() {
            return manifest.getBytes(StandardCharsets.UTF_8);
        }
    }

    /** A blob with its descriptor. */
    @SuppressWarnings("ArrayRecordComponent") // written once and read once
    public record Blob(Descriptor descriptor, byte[] bytes) {}

    /**
     * Writes a seal as an artifact.
     *
     * @param entries of one algorithm; in any order, layers left out
     * @param image the image's manifest
     */
    public static Written write(List<SealEntry> entries, Descriptor image) throws SealException {
        List<Blob> blobs = new ArrayList<>();
        blobs.add(new Blob(EMPTY, EMPTY_JSON));
        List<Descriptor> layers = new ArrayList<>();
        List<SealEntry> ordered = new ArrayList<>();
        for (SealRole role : ORDER) {
            entries.stream().filter(entry -> entry.role() == role).forEach(ordered::add);
        }
        for (SealEntry entry :
                Seal.complete(Seal.Source.ARTIFACT, "artifact", ordered).entries()) {
            VerityAlgorithm algorithm = ordered.getFirst().digest().algorithm();
            if (entry.digest().algorithm() != algorithm) {
                throw new SealException("artifact: got "
                        + entry.digest().algorithm().id() + " beside " + algorithm.id() + ", expected one algorithm");
            }
            byte[] bytes = entry.signature().map(SealEntry.Pkcs7::der).orElse(EMPTY_JSON);
            Descriptor layer = new Descriptor(
                    entry.signature().isPresent() ? SIGNATURE_TYPE : MediaTypes.OCI_EMPTY,
                    Digest.Algorithm.SHA256.of(bytes),
                    bytes.length,
                    Map.of(entry.key().id(), entry.digest().hex()),
                    Optional.empty());
            blobs.add(new Blob(layer, bytes));
            layers.add(layer);
        }
        JsonObject manifest = Manifest.toJson(EMPTY, layers);
        JsonObject.Builder json = JsonObject.builder();
        manifest.members().forEach((name, value) -> {
            json.put(name, value);
            if (name.equals("mediaType")) {
                json.put("artifactType", new JsonString(ARTIFACT_TYPE));
            }
        });
        json.put("subject", image.toJson());
        return new Written(blobs, JsonWriter.compact(json.build()));
    }
}
