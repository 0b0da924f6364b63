package dev.bulla.guest.pull;

import dev.bulla.guest.layer.LayerUnpacker;
import dev.bulla.guest.layer.UnpackedLayer;
import dev.bulla.oci.LayerMediaType;
import dev.bulla.ocicrypt.OpenedLayer;
import dev.bulla.registry.ImageSource;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Gets the layers of an image, several at a time, each in one streaming pass: from the store, where it has one, else blob,
 * cipher, unpacker.
 *
 * <p><b>Security.</b> A layer counts only when its blob's digest and size, its HMAC and its diff_id have all been seen to
 * agree, which is when every stream has been read to its end; until then its files are in staging. The first failure gives
 * the others up.
 */
final class LayerFetch {
    /** How many layers are under way at once. */
    static final int PARALLEL = 3;

    private final ImageSource source;
    private final StoredLayers stored;
    private final LayerUnpacker unpacker;
    private final PullProgress progress;
    private final AtomicBoolean givenUp = new AtomicBoolean();

    LayerFetch(ImageSource source, StoredLayers stored, LayerUnpacker unpacker, PullProgress progress) {
        this.source = source;
        this.stored = stored;
        this.unpacker = unpacker;
        this.progress = progress;
    }

    /** Gets each distinct layer once; the result has an entry for every one that was given. */
    List<ReadyLayer> fetch(List<PlannedLayer> layers) throws IOException, ExecutionException {
        Map<PlannedLayer, Integer> distinct = new LinkedHashMap<>();
        layers.forEach(layer -> distinct.putIfAbsent(layer, distinct.size()));
        progress.layers(distinct.keySet().stream().map(PlannedLayer::descriptor).toList());
        Map<PlannedLayer, ReadyLayer> unpacked = fetchDistinct(distinct);
        List<ReadyLayer> result = new ArrayList<>();
        for (PlannedLayer layer : layers) {
            ReadyLayer done = unpacked.get(layer);
            if (done == null) {
                throw new IllegalStateException("layer " + layer.descriptor().digest() + " was not read");
            }
            result.add(done);
        }
        return result;
    }

    private Map<PlannedLayer, ReadyLayer> fetchDistinct(Map<PlannedLayer, Integer> layers)
            throws IOException, ExecutionException {
        Map<PlannedLayer, ReadyLayer> results = new LinkedHashMap<>();
        // Platform threads: the work is hashing and system calls, which would pin virtual ones.
        try (ExecutorService threads = Executors.newFixedThreadPool(
                PARALLEL, Thread.ofPlatform().name("layer-", 0).factory())) {
            CompletionService<ReadyLayer> running = new ExecutorCompletionService<>(threads);
            List<Future<ReadyLayer>> futures = new ArrayList<>();
            layers.forEach((layer, number) -> futures.add(running.submit(() -> getOne(layer, number))));
            try {
                for (int i = 0; i < layers.size(); i++) {
                    ReadyLayer done = running.take().get();
                    results.put(done.planned(), done);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while fetching layers", e);
            } finally {
                if (results.size() < layers.size()) {
                    givenUp.set(true);
                    futures.forEach(future -> future.cancel(false));
                    source.close(); // ends reads that are waiting for the other side
                }
            }
        }
        return results;
    }

    private ReadyLayer getOne(PlannedLayer layer, int number) throws IOException {
        Optional<UnpackedLayer> again = givenUp.get() ? Optional.empty() : stored.read(layer, unpacker);
        if (again.isPresent()) {
            progress.layerDone(number);
            return new ReadyLayer(layer, again.orElseThrow(), LayerSource.HASHED_AGAIN);
        }
        return new ReadyLayer(layer, fetchOne(layer, number), LayerSource.FETCHED);
    }

    private UnpackedLayer fetchOne(PlannedLayer layer, int number) throws IOException {
        LayerMediaType.Compression compression = layer.type().compression();
        try (InputStream blob = new MeteredStream(
                source.openBlob(layer.descriptor()), bytes -> progress.layerRead(number, bytes), givenUp)) {
            Optional<OpenedLayer> key = layer.key();
            InputStream plain = key.isPresent() ? key.get().decrypt(blob) : blob;
            UnpackedLayer unpacked = unpacker.unpack(plain, compression, layer.diffId());
            // The verdicts on HMAC, digest and size fall at the streams' ends; whoever has not read them knows nothing.
            requireEnd(plain);
            requireEnd(blob);
            progress.layerDone(number);
            return unpacked;
        }
    }

    private static void requireEnd(InputStream in) throws IOException {
        if (in.read() >= 0) {
            throw new IllegalStateException("the unpacker left bytes of the layer unread");
        }
    }
}
