package dev.bulla.guest.pull;

import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.oci.OciStreams;
import dev.bulla.composefs.store.BrokenObjectException;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.composefs.store.StagedObject;
import dev.bulla.composefs.store.Staging;
import dev.bulla.composefs.store.StoreException;
import dev.bulla.guest.layer.KeepTar;
import dev.bulla.guest.store.LayerOrigins;
import dev.bulla.guest.store.VouchedImage;
import dev.bulla.oci.Digest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Makes what a pull has verified visible in the store: objects, then the layers' streams, the image, its configuration and
 * manifest. Names come after, when all else that was asked for is done.
 *
 * <p>An object that is there already and broken is replaced by the one that was verified, and said.
 */
final class ImagePublication {
    /** A store in which more objects are broken is for a repair, not for a pull. */
    private static final int MAX_BROKEN = 64;

    private static final String LAYER = "oci-layer-";
    private static final String DELTA = "bulla.delta.";

    private final ObjectStore store;
    private final Staging staging;
    private final LayerOrigins origins;
    private final PullNotes notes;
    private final OciStreams streams;
    private int broken;

    ImagePublication(ObjectStore store, Staging staging, LayerOrigins origins, PullNotes notes) {
        this.store = store;
        this.staging = staging;
        this.origins = origins;
        this.notes = notes;
        this.streams = new OciStreams(store);
    }

    /** What may fail on a broken object, and is done again when that is out of the way. */
    @FunctionalInterface
    private interface Step {
        void run() throws IOException;
    }

    private void replacingBroken(Step step) throws IOException {
        while (true) {
            try {
                step.run();
                return;
            } catch (BrokenObjectException e) {
                if (++broken > MAX_BROKEN || !store.removeBroken(e.expected())) {
                    throw e;
                }
                notes.add("object of the store was broken and is replaced", e.getMessage());
            }
        }
    }

    /** Publishes files, and the layers' streams with them, of which each still needs its name. */
    void objects(Collection<StagedObject> files, Collection<ReadyLayer> layers) throws IOException {
        List<StagedObject> all = new ArrayList<>(files);
        layers.forEach(layer -> layer.layer().stream().ifPresent(all::add));
        replacingBroken(() -> store.publish(all));
    }

    /**
     * Names the layers' streams.
     *
     * @param layers each that was got, once
     * @param brokenStreams those whose streams are not what they are called: dropped where there is no other
     * @return the streams by diff_id, as far as there are any
     */
    SortedMap<String, VerityDigest> layers(
            Collection<ReadyLayer> layers, KeepTar keepTar, Collection<Digest> brokenStreams) throws IOException {
        SortedMap<String, VerityDigest> named = new TreeMap<>();
        for (ReadyLayer layer : layers) {
            Digest diffId = layer.planned().diffId();
            String contentId = OciStreams.layerId(diffId);
            if (layer.source() == LayerSource.FETCHED) {
                // Before it can be found: an encrypted layer must never look like a plain one.
                origins.put(diffId, layer.planned().keyProof());
            }
            Optional<StagedObject> stream = layer.layer().stream();
            if (stream.isPresent()) {
                store.streams().link(contentId, stream.orElseThrow().digest());
            } else if (brokenStreams.contains(diffId)) {
                store.streams().remove(contentId);
            }
            if (keepTar != KeepTar.NONE) {
                stored(diffId).ifPresent(digest -> named.put(diffId.toString(), digest));
            }
        }
        return named;
    }

    /**
     * The streams of an image's layers that are what the voucher says; a link that leads elsewhere is set right, and the name
     * of one that is broken is dropped. What is kept in the place of streams stays named.
     */
    SortedMap<String, VerityDigest> vouched(VouchedImage image, Digest config) throws IOException {
        SortedMap<String, VerityDigest> named = deltas(config);
        for (Map.Entry<String, VerityDigest> layer : image.layers().entrySet()) {
            String contentId = LAYER + layer.getKey();
            VerityDigest stream = layer.getValue();
            Optional<VerityDigest> link = store.streams().find(contentId);
            if (link.isEmpty()) {
                continue; // not kept any more
            }
            if (!isWhole(layer.getKey(), stream)) {
                store.streams().remove(contentId);
                continue;
            }
            if (!link.equals(Optional.of(stream))) {
                store.streams().link(contentId, stream);
                notes.add("stored layer " + layer.getKey() + " had another stream under its name", null);
            }
            named.put(layer.getKey(), stream);
        }
        return named;
    }

    private boolean isWhole(String diffId, VerityDigest stream) throws IOException {
        try {
            return store.find(stream).isPresent();
        } catch (BrokenObjectException e) {
            notes.add("stored layer " + diffId + " is dropped", e.getMessage());
            return false;
        }
    }

    /** What the configuration's stream names of deltas: hints, that keep them and prove nothing. */
    private SortedMap<String, VerityDigest> deltas(Digest config) throws IOException {
        SortedMap<String, VerityDigest> named = new TreeMap<>();
        try {
            streams.config(config)
                    .ifPresent(stored -> stored.namedReferences().forEach((name, digest) -> {
                        if (name.startsWith(DELTA)) {
                            named.put(name, digest);
                        }
                    }));
        } catch (StoreException e) {
            notes.add("stored configuration is replaced", e.getMessage());
        }
        return named;
    }

    private Optional<VerityDigest> stored(Digest diffId) throws IOException {
        return store.streams().find(OciStreams.layerId(diffId));
    }

    /** Publishes the image; all that it needs has been. */
    void image(StagedObject sealed) throws IOException {
        replacingBroken(() -> store.publishImage(sealed));
    }

    /**
     * Stores configuration and manifest, which name the layers' streams and the image.
     *
     * @param config the configuration's bytes, as they came
     * @param imageReference by which name the configuration's stream keeps the image
     * @param sealed the image
     */
    void documents(
            ResolvedImage image,
            byte[] config,
            SortedMap<String, VerityDigest> layers,
            String imageReference,
            VerityDigest sealed)
            throws IOException {
        SortedMap<String, VerityDigest> ofConfig = new TreeMap<>(layers);
        ofConfig.put(imageReference, sealed);
        Digest configDigest = image.manifest().config().digest();
        replacingBroken(() -> {
            VerityDigest configStream = streams.putConfig(staging, configDigest, config, ofConfig);
            SortedMap<String, VerityDigest> ofManifest = new TreeMap<>(layers);
            ofManifest.putAll(Map.of(OciStreams.configReference(configDigest), configStream));
            streams.putManifest(staging, image.manifestDigest(), image.manifestBytes(), ofManifest);
        });
    }
}
