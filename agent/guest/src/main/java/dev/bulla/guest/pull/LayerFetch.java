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
 * Fetches the layers of an image, several at a time, each in one streaming pass: blob, cipher, unpacker.
 *
 * <p><b>Security.</b> A layer counts only when its blob's digest and size, its HMAC and its diff_id have all been seen to
 * agree, which is when every stream has been read to its end; until then its files are in staging. The first failure gives
 * the others up.
 */
final class LayerFetch {
    /** How many layers are under way at once. */
    static final int PARALLEL = 3;

    private final ImageSource source;
    private final LayerUnpacker unpacker;
    private final PullProgress progress;
    private final AtomicBoolean givenUp = new AtomicBoolean();

    LayerFetch(ImageSource source, LayerUnpacker unpacker, PullProgress progress) {
        this.source = source;
        this.unpacker = unpacker;
        this.progress = progress;
    }

    /** Fetches each distinct layer once; the result has an entry for every one that was given. */
    List<UnpackedLayer> fetch(List<PlannedLayer> layers) throws IOException, ExecutionException {
        Map<PlannedLayer, Integer> distinct = new LinkedHashMap<>();
        layers.forEach(layer -> distinct.putIfAbsent(layer, distinct.size()));
        progress.layers(distinct.keySet().stream().map(PlannedLayer::descriptor).toList());
        Map<PlannedLayer, UnpackedLayer> unpacked = fetchDistinct(distinct);
        List<UnpackedLayer> result = new ArrayList<>();
        for (PlannedLayer layer : layers) {
            UnpackedLayer done = unpacked.get(layer);
            if (done == null) {
                throw new IllegalStateException("layer " + layer.descriptor().digest() + " was not fetched");
            }
            result.add(done);
        }
        return result;
    }

    private Map<PlannedLayer, UnpackedLayer> fetchDistinct(Map<PlannedLayer, Integer> layers)
            throws IOException, ExecutionException {
        record Done(PlannedLayer planned, UnpackedLayer unpacked) {}
        Map<PlannedLayer, UnpackedLayer> results = new LinkedHashMap<>();
        // Platform threads: the work is hashing and system calls, which would pin virtual ones.
        try (ExecutorService threads = Executors.newFixedThreadPool(
                PARALLEL, Thread.ofPlatform().name("layer-", 0).factory())) {
            CompletionService<Done> running = new ExecutorCompletionService<>(threads);
            List<Future<Done>> futures = new ArrayList<>();
            layers.forEach((layer, number) ->
                    futures.add(running.submit(() -> new Done(layer, fetchOne(layer, number)))));
            try {
                for (int i = 0; i < layers.size(); i++) {
                    Done done = running.take().get();
                    results.put(done.planned, done.unpacked);
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
