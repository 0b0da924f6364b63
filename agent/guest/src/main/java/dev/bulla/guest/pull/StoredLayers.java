package dev.bulla.guest.pull;

import dev.bulla.composefs.oci.LayerStream;
import dev.bulla.composefs.oci.OciStreams;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.guest.layer.LayerUnpacker;
import dev.bulla.guest.layer.UnpackedLayer;
import dev.bulla.guest.store.LayerOrigins;
import dev.bulla.oci.Digest;
import java.io.IOException;
import java.util.Collections;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * The layers that a store has streams of.
 *
 * <p><b>Security.</b> A stream counts for what its bytes hash to and for nothing else: they are read again in whole, compared
 * with the diff_id, and unpacked under the same limits as a layer from the registry. A layer that came encrypted is given
 * only to a pull to which its key was released now.
 */
final class StoredLayers {
    private final OciStreams streams;
    private final LayerOrigins origins;
    private final PullNotes notes;
    private final Set<Digest> broken = Collections.synchronizedSet(new HashSet<>());

    StoredLayers(ObjectStore store, LayerOrigins origins, PullNotes notes) {
        this.streams = new OciStreams(store);
        this.origins = origins;
        this.notes = notes;
    }

    /** Whether what is stored of this layer may be used by this pull. */
    boolean permits(PlannedLayer layer) throws IOException {
        return origins.permits(layer.diffId(), layer.keyProof());
    }

    /**
     * Reads a layer again.
     *
     * @return empty when there is none, it may not be used, or it is not what it is called; then it is to be fetched
     */
    Optional<UnpackedLayer> read(PlannedLayer layer, LayerUnpacker unpacker) {
        try {
            if (!permits(layer)) {
                return Optional.empty();
            }
            Optional<LayerStream> stream = streams.layer(layer.diffId());
            if (stream.isEmpty()) {
                return Optional.empty();
            }
            try (LayerStream tar = stream.orElseThrow()) {
                return Optional.of(unpacker.unpackStored(tar, layer.diffId()));
            }
        } catch (IOException e) {
            broken.add(layer.diffId());
            notes.add("stored layer " + layer.diffId() + " is not used, it is fetched again", e.getMessage());
            return Optional.empty();
        }
    }

    /** The layers whose streams turned out not to be what they are called. */
    Set<Digest> broken() {
        return Set.copyOf(broken);
    }
}
