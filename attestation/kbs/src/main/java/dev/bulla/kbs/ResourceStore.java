package dev.bulla.kbs;

import dev.bulla.attestation.protocol.ResourcePath;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The resources of one KBS, in memory. */
final class ResourceStore {
    private final Map<ResourcePath, byte[]> resources = new ConcurrentHashMap<>();

    void put(ResourcePath path, byte[] content) {
        resources.put(path, content.clone());
    }

    /** A copy of the content, if there is one. */
    Optional<byte[]> get(ResourcePath path) {
        return Optional.ofNullable(resources.get(path)).map(byte[]::clone);
    }

    /** Whether there was one. */
    boolean remove(ResourcePath path) {
        return resources.remove(path) != null;
    }
}
