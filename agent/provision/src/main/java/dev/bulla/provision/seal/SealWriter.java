package dev.bulla.provision.seal;

import dev.bulla.composefs.seal.SealArtifact;
import dev.bulla.composefs.seal.SealEntry;
import dev.bulla.composefs.seal.SealRole;
import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.ManifestOrIndex;
import dev.bulla.oci.MediaTypes;
import dev.bulla.oci.OciException;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonValue;
import dev.bulla.oci.json.JsonWriter;
import dev.bulla.provision.ImageDestination;
import dev.bulla.provision.UnsuitableImageException;
import dev.bulla.registry.FetchedManifest;
import dev.bulla.registry.ImageSource;
import dev.bulla.registry.NotFoundException;
import dev.bulla.registry.Referrers;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Writes seals to where images are. */
public final class SealWriter {
    private SealWriter() {}

    /**
     * Writes an image with the seal in its annotations: a new manifest, the same configuration and layers. Entries of the same
     * keys that it had are replaced.
     *
     * @param source where the image is
     * @param destination where the sealed one goes, with its blobs
     * @param tag the tag that is to name it
     * @throws UnsuitableImageException when the manifest is Docker's, which has no annotations
     */
    public static Descriptor writeInline(
            ComputedSeal seal, ImageSource source, ImageDestination destination, Optional<String> tag)
            throws IOException, OciException, UnsuitableImageException {
        Manifest manifest = (Manifest)
                ManifestOrIndex.parse(seal.image().bytes(), seal.image().mediaType());
        if (!manifest.mediaType().equals(MediaTypes.OCI_MANIFEST)) {
            throw new UnsuitableImageException(
                    "image: its manifest is Docker's, which has no annotations; an artifact can hold"
                            + " the seal (--artifact)");
        }
        for (Descriptor layer : manifest.layers()) {
            destination.putBlob(layer, () -> source.openBlob(layer));
        }
        destination.putBlob(manifest.config(), () -> source.openBlob(manifest.config()));
        byte[] sealed = JsonWriter.compact(annotated(seal)).getBytes(StandardCharsets.UTF_8);
        return destination.putManifest(MediaTypes.OCI_MANIFEST, sealed, tag);
    }

    private static JsonObject annotated(ComputedSeal seal) throws OciException {
        JsonObject json = JsonCursor.parse(seal.image().bytes()).object().value();
        Map<String, JsonValue> members = new LinkedHashMap<>(json.members());
        Map<String, String> ofManifest = new LinkedHashMap<>();
        for (SealEntry entry : seal.entries()) {
            switch (entry.role()) {
                case CONFIG -> members.compute("config", (name, config) -> annotated(config, annotations(entry)));
                case LAYER ->
                    members.compute("layers", (name, layers) -> {
                        List<JsonValue> all = new ArrayList<>(((JsonArray) layers).items());
                        all.set(entry.layer(), annotated(all.get(entry.layer()), annotations(entry)));
                        return new JsonArray(all);
                    });
                case MERGED, MERGED_BOOTABLE -> ofManifest.putAll(annotations(entry));
                case MANIFEST -> {} // it would change what it is the digest of
            }
        }
        return annotated(new JsonObject(members), ofManifest);
    }

    private static Map<String, String> annotations(SealEntry entry) {
        Map<String, String> annotations = new LinkedHashMap<>();
        annotations.put(entry.key().id(), entry.digest().hex());
        // An old signature under the key would stand beside a new digest.
        annotations.put(
                entry.key().ofSignature().id(),
                entry.signature()
                        .map(signature -> Base64.getEncoder().encodeToString(signature.der()))
                        .orElse(""));
        return annotations;
    }

    private static JsonObject annotated(JsonValue described, Map<String, String> added) {
        Map<String, JsonValue> members = new LinkedHashMap<>(((JsonObject) described).members());
        Map<String, JsonValue> annotations = new LinkedHashMap<>();
        if (members.get("annotations") instanceof JsonObject there) {
            annotations.putAll(there.members());
        }
        added.forEach((key, value) -> {
            if (value.isEmpty()) {
                annotations.remove(key);
            } else {
                annotations.put(key, new JsonString(value));
            }
        });
        members.put("annotations", new JsonObject(annotations));
        return new JsonObject(members);
    }

    /**
     * Writes the seal as an artifact beside the image, which stays as it is, and lists it among what refers to the image where
     * that does not happen by itself.
     *
     * @param beside where the image is, to see what refers to it
     * @param destination the same place, for writing
     */
    public static Descriptor writeArtifact(ComputedSeal seal, ImageSource beside, ImageDestination destination)
            throws IOException, OciException {
        ManifestOrIndex parsed =
                ManifestOrIndex.parse(seal.image().bytes(), seal.image().mediaType());
        Descriptor image = Descriptor.of(
                parsed.mediaType(), seal.image().digest(), seal.image().bytes().length);
        List<SealEntry> entries = seal.entries().stream()
                .filter(entry -> entry.role() != SealRole.LAYER)
                .toList();
        SealArtifact.Written written = SealArtifact.write(entries, image);
        for (SealArtifact.Blob blob : written.blobs()) {
            destination.putBlob(blob.descriptor(), () -> new ByteArrayInputStream(blob.bytes()));
        }
        Descriptor artifact =
                destination.putManifest(MediaTypes.OCI_MANIFEST, written.manifestBytes(), Optional.empty());
        list(artifact, image, beside, destination);
        return artifact;
    }

    /** Lists an artifact under the tag for it, unless the registry does so itself. */
    static void list(Descriptor artifact, Descriptor image, ImageSource beside, ImageDestination destination)
            throws IOException, OciException {
        boolean listed = beside.referrers(image.digest(), SealArtifact.ARTIFACT_TYPE).stream()
                .anyMatch(referrer -> referrer.digest().equals(artifact.digest()));
        if (listed) {
            return;
        }
        String tag = Referrers.tag(image.digest());
        Optional<byte[]> there;
        try {
            there = Optional.of(beside.fetchByTag(tag)).map(FetchedManifest::bytes);
        } catch (NotFoundException e) {
            there = Optional.empty();
        }
        destination.putManifest(
                MediaTypes.OCI_INDEX, Referrers.with(there, artifact, SealArtifact.ARTIFACT_TYPE), Optional.of(tag));
    }

    /** Copies the seals that refer to an image from one place to another, where the image is already; says how many. */
    public static int copyArtifacts(
            Descriptor image, ImageSource source, ImageSource there, ImageDestination destination)
            throws IOException, OciException {
        List<Descriptor> artifacts = source.referrers(image.digest(), SealArtifact.ARTIFACT_TYPE);
        for (Descriptor artifact : artifacts) {
            FetchedManifest fetched = source.fetchByDigest(artifact.digest());
            if (!(ManifestOrIndex.parse(fetched.bytes(), Optional.of(artifact.mediaType()))
                    instanceof Manifest manifest)) {
                throw new OciException("referrer " + artifact.digest() + ": an index, expected a manifest");
            }
            for (Descriptor layer : manifest.layers()) {
                destination.putBlob(layer, () -> source.openBlob(layer));
            }
            destination.putBlob(manifest.config(), () -> source.openBlob(manifest.config()));
            destination.putManifest(artifact.mediaType(), fetched.bytes(), Optional.empty());
            list(Descriptor.of(artifact.mediaType(), artifact.digest(), artifact.size()), image, there, destination);
        }
        return artifacts.size();
    }
}
