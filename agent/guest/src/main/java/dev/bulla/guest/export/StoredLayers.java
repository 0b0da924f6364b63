package dev.bulla.guest.export;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.oci.LayerStream;
import dev.bulla.composefs.oci.OciStreams;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.composefs.stream.SplitStreamReader;
import dev.bulla.guest.layer.LayerLimits;
import dev.bulla.guest.layer.TarPart;
import dev.bulla.oci.Digest;
import java.io.IOException;
import java.util.Optional;

/** The layers of which a store keeps the tar, whole or as a delta. */
public final class StoredLayers {
    private final ObjectStore store;
    private final OciStreams streams;
    private final LayerDeltas deltas;

    /**
     * The layers of a store.
     *
     * @param limits bound what a delta makes
     */
    public StoredLayers(ObjectStore store, LayerLimits limits) {
        this.store = requireNonNull(store, "store is null");
        this.streams = new OciStreams(store);
        this.deltas = new LayerDeltas(store, limits);
    }

    /** The layer of this diff_id, if the store keeps its tar. */
    public Optional<StoredLayer> find(Digest diffId) throws IOException {
        Optional<LayerStream> full = streams.layer(diffId);
        if (full.isPresent()) {
            try (LayerStream stream = full.get()) {
                return Optional.of(new StoredLayer(
                        diffId,
                        StoredLayer.Form.FULL,
                        stream.size(),
                        () -> streams.layer(diffId).orElseThrow(() -> gone(diffId))));
            }
        }
        Optional<LayerDeltas.Opened> delta = deltas.open(diffId);
        if (delta.isEmpty()) {
            return Optional.empty();
        }
        try (SplitStreamReader _ = delta.get().stream()) {
            long size = 0;
            for (TarPart part = delta.get().parts().next();
                    part != null;
                    part = delta.get().parts().next()) {
                size += part.size();
            }
            return Optional.of(new StoredLayer(diffId, StoredLayer.Form.DELTA, size, () -> {
                LayerDeltas.Opened opened = deltas.open(diffId).orElseThrow(() -> gone(diffId));
                return new RebuiltLayer(store, diffId, opened.parts(), opened.stream());
            }));
        }
    }

    private static BrokenLayerException gone(Digest diffId) {
        return new BrokenLayerException(diffId, "it was removed from the store meanwhile");
    }
}
