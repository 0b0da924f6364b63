package dev.bulla.kbs.store;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;

/** Keeps bytes in memory. */
public final class MemoryStore implements BlobStore {
    @SuppressWarnings("ArrayRecordComponent") // held by this class alone; never compared
    private record Kept(byte[] content, Instant modified) {}

    private final Map<String, Kept> kept = new ConcurrentSkipListMap<>();
    private final InstantSource time;

    public MemoryStore(InstantSource time) {
        this.time = time;
    }

    @Override
    public void put(String key, byte[] content) throws StoreException {
        BlobStore.requireKey(key);
        kept.put(key, new Kept(content.clone(), time.instant()));
    }

    @Override
    public Optional<byte[]> get(String key) {
        return Optional.ofNullable(kept.get(key)).map(found -> found.content().clone());
    }

    @Override
    public boolean remove(String key) {
        return kept.remove(key) != null;
    }

    @Override
    public List<Entry> list() {
        return kept.entrySet().stream()
                .map(entry -> new Entry(
                        entry.getKey(),
                        entry.getValue().content().length,
                        entry.getValue().modified()))
                .toList();
    }
}
