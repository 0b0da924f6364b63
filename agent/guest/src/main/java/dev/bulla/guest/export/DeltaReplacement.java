package dev.bulla.guest.export;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.ErofsImageReader;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.oci.OciStreams;
import dev.bulla.composefs.oci.StoredDocument;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.composefs.store.StagedObject;
import dev.bulla.composefs.store.Staging;
import dev.bulla.composefs.store.StoreException;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.guest.layer.LayerLimits;
import dev.bulla.oci.Digest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Puts deltas in the place of an image's layer streams ({@code --keep-tar=delta}).
 *
 * <p>The configuration then keeps the deltas, by references named {@code bulla.delta.<diff_id>}, and each delta the image whose
 * tree it needs. A layer that another tagged image keeps as a stream stays one beside its delta.
 */
public final class DeltaReplacement {
    private static final String REFERENCE = "bulla.delta.";

    private final ObjectStore store;
    private final OciStreams streams;
    private final LayerDeltas deltas;

    /** The deltas of a store. */
    public DeltaReplacement(ObjectStore store, LayerLimits limits) {
        this.store = requireNonNull(store, "store is null");
        this.streams = new OciStreams(store);
        this.deltas = new LayerDeltas(store, limits);
    }

    /**
     * Replaces the streams of an image's layers where their deltas are smaller.
     *
     * @param stored the image, which is in the store
     * @param image its sealed image
     * @return the layers that are kept as deltas now
     */
    public List<Digest> replace(StoredImage stored, VerityDigest image, Staging staging) throws IOException {
        Path file = store.find(image).orElseThrow(() -> new StoreException("store: no image " + image));
        Directory tree = ErofsImageReader.read(file);
        SortedMap<Digest, VerityDigest> kept =
                new TreeMap<>((a, b) -> a.toString().compareTo(b.toString()));
        for (Digest diffId : new LinkedHashSet<>(stored.config().diffIds())) {
            Optional<VerityDigest> delta = delta(diffId, image, tree, staging);
            if (delta.isPresent()) {
                kept.put(diffId, delta.get());
            }
        }
        if (kept.isEmpty()) {
            return List.of();
        }
        Digest configDigest = stored.manifest().config().digest();
        VerityDigest config = streams.putConfig(
                staging, configDigest, stored.configBytes(), named(kept, streams.config(configDigest)));
        SortedMap<String, VerityDigest> ofManifest = named(kept, streams.manifest(stored.manifestDigest()));
        ofManifest.put(OciStreams.configReference(configDigest), config);
        streams.putManifest(staging, stored.manifestDigest(), stored.manifestBytes(), ofManifest);
        // Last: until here the streams were what the layers could be made of.
        Collection<String> neededElsewhere = layersOfOthers(stored.manifestDigest());
        for (Digest diffId : kept.keySet()) {
            if (!neededElsewhere.contains(diffId.toString())) {
                store.streams().remove(OciStreams.layerId(diffId));
            }
        }
        return new ArrayList<>(kept.keySet());
    }

    /** The delta of a layer, made now or before; empty where the stream is not there, or is smaller. */
    private Optional<VerityDigest> delta(Digest diffId, VerityDigest image, Directory tree, Staging staging)
            throws IOException {
        Optional<VerityDigest> made = store.streams().find(LayerDeltas.contentId(diffId));
        if (made.isPresent() && store.find(made.get()).isPresent()) {
            return made; // the images that keep it refer to this one
        }
        Optional<VerityDigest> stream = store.streams().find(OciStreams.layerId(diffId));
        if (stream.isEmpty()) {
            return Optional.empty();
        }
        Path file = store.find(stream.get())
                .orElseThrow(
                        () -> new BrokenLayerException(diffId, "its stream " + stream.get() + " is not in the store"));
        Optional<StagedObject> delta = deltas.make(file, image, tree, staging);
        if (delta.isPresent()) {
            store.streams().publish(LayerDeltas.contentId(diffId), delta.get());
        }
        return delta.map(StagedObject::digest);
    }

    private static SortedMap<String, VerityDigest> named(
            SortedMap<Digest, VerityDigest> kept, Optional<StoredDocument> document) {
        SortedMap<String, VerityDigest> named = new TreeMap<>();
        document.ifPresent(stored -> named.putAll(stored.namedReferences()));
        kept.forEach((diffId, delta) -> {
            named.remove(diffId.toString());
            named.put(REFERENCE + diffId, delta);
        });
        return named;
    }

    /** The layers that other tagged images keep as streams. */
    private Collection<String> layersOfOthers(Digest manifest) throws IOException {
        Collection<String> layers = new HashSet<>();
        for (Digest other : new HashSet<>(streams.tags().values())) {
            if (!other.equals(manifest)) {
                Optional<StoredDocument> document = streams.manifest(other);
                document.ifPresent(
                        stored -> layers.addAll(stored.namedReferences().keySet()));
            }
        }
        return layers;
    }
}
