package dev.bulla.guest.export;

import dev.bulla.composefs.ErofsImageReader;
import dev.bulla.composefs.ErofsImageWriter;
import dev.bulla.composefs.FormatVersion;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.oci.OciStreams;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.composefs.store.StagedFile;
import dev.bulla.composefs.store.StagedObject;
import dev.bulla.composefs.store.Staging;
import dev.bulla.composefs.stream.ContentType;
import dev.bulla.composefs.stream.SplitStreamWriter;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.guest.delta.Archive;
import dev.bulla.guest.layer.LayerLimits;
import dev.bulla.guest.layer.LayerMerge;
import dev.bulla.guest.layer.LayerTree;
import dev.bulla.guest.layer.LayerUnpacker;
import dev.bulla.guest.layer.TarPart;
import dev.bulla.guest.layer.UnpackedLayer;
import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.LayerMediaType.Compression;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.MediaTypes;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonWriter;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** A store that holds images as a pull leaves them: objects, layer streams, configuration, manifest, sealed image, tag. */
public final class TestStore implements AutoCloseable {
    private final ObjectStore store;
    private final Staging staging;
    private final OciStreams streams;
    private boolean keepsLayers;

    public TestStore(Path folder) throws IOException {
        this.store = ObjectStore.open(folder, VerityAlgorithm.SHA256_4K);
        this.staging = Staging.begin(store.folder(), "test");
        this.streams = new OciStreams(store);
    }

    /** Whether manifests refer to their layers' streams, as those of a pull do. */
    void keepsLayers(boolean refers) {
        keepsLayers = refers;
    }

    Staging staging() {
        return staging;
    }

    public ObjectStore store() {
        return store;
    }

    public static Digest diffId(byte[] tar) {
        return Digest.Algorithm.SHA256.of(tar);
    }

    /** Keeps a layer's objects and its stream. */
    public StagedObject layer(byte[] tar, boolean publish) throws IOException {
        LayerUnpacker unpacker = new LayerUnpacker(store, staging.folder(), LayerLimits.DEFAULTS);
        try (UnpackedLayer layer = unpacker.unpack(new ByteArrayInputStream(tar), Compression.NONE, diffId(tar))) {
            layer.publish();
        }
        StagedObject stream;
        try (SplitStreamWriter writer = SplitStreamWriter.create(store, staging.folder(), ContentType.LAYER)) {
            for (TarPart part : new Archive(tar).parts()) {
                switch (part) {
                    case TarPart.Bytes bytes -> writer.inline(bytes.bytes(), 0, bytes.bytes().length);
                    case TarPart.Body body -> writer.external(body.digest(), body.size());
                }
            }
            stream = writer.finish();
        }
        if (publish) {
            streams.putLayer(diffId(tar), stream);
        }
        return stream;
    }

    /** Seals the image of these layers. */
    public VerityDigest seal(byte[]... tars) throws IOException {
        LayerUnpacker unpacker = new LayerUnpacker(store, staging.folder(), LayerLimits.DEFAULTS);
        List<LayerTree> trees = new ArrayList<>();
        for (byte[] tar : tars) {
            try (UnpackedLayer layer = unpacker.unpack(new ByteArrayInputStream(tar), Compression.NONE, diffId(tar))) {
                trees.add(layer.tree());
            }
        }
        try (StagedFile file = store.stage(staging.folder())) {
            ErofsImageWriter.write(LayerMerge.merge(trees, LayerLimits.DEFAULTS), FormatVersion.V1, file);
            return store.publishImage(file.finish());
        }
    }

    /** Keeps a layer as its delta from an image. */
    public boolean delta(byte[] tar, VerityDigest image) throws IOException {
        StagedObject stream = layer(tar, false);
        Directory tree = ErofsImageReader.read(store.imagePath(image));
        Optional<StagedObject> delta =
                new LayerDeltas(store, LayerLimits.DEFAULTS).make(stream.file(), image, tree, staging);
        if (delta.isPresent()) {
            store.streams().publish(LayerDeltas.contentId(diffId(tar)), delta.get());
        }
        return delta.isPresent();
    }

    /** Keeps configuration, manifest and tag of an image whose layers have this media type. */
    public Digest image(String name, String mediaType, byte[]... tars) throws IOException {
        List<String> diffIds = new ArrayList<>();
        List<Descriptor> layers = new ArrayList<>();
        for (byte[] tar : tars) {
            diffIds.add(diffId(tar).toString());
            boolean plain = mediaType.endsWith(".tar");
            byte[] blob = plain ? tar : ("compressed " + diffId(tar)).getBytes(StandardCharsets.UTF_8);
            layers.add(Descriptor.of(mediaType, Digest.Algorithm.SHA256.of(blob), blob.length));
        }
        byte[] config = json(JsonObject.builder()
                .put("architecture", "amd64")
                .put("os", "linux")
                .put(
                        "rootfs",
                        JsonObject.builder()
                                .put("type", "layers")
                                .put("diff_ids", JsonArray.ofStrings(diffIds))
                                .build())
                .build());
        Digest configDigest = Digest.Algorithm.SHA256.of(config);
        VerityDigest configStream = streams.putConfig(staging, configDigest, config, new TreeMap<>());
        byte[] manifest =
                json(Manifest.toJson(Descriptor.of(MediaTypes.OCI_CONFIG, configDigest, config.length), layers));
        Digest manifestDigest = Digest.Algorithm.SHA256.of(manifest);
        TreeMap<String, VerityDigest> named = new TreeMap<>();
        named.put(OciStreams.configReference(configDigest), configStream);
        for (byte[] tar : keepsLayers ? tars : new byte[0][]) {
            named.put(
                    diffId(tar).toString(),
                    store.streams().find(OciStreams.layerId(diffId(tar))).orElseThrow());
        }
        streams.putManifest(staging, manifestDigest, manifest, named);
        streams.tag(name, manifestDigest);
        return manifestDigest;
    }

    private static byte[] json(JsonObject object) {
        return JsonWriter.compact(object).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        staging.close();
        store.close();
    }
}
