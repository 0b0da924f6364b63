package dev.bulla.guest.store;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The images that this process has computed. Safe for use by several threads.
 *
 * <p><b>Security.</b> It is empty when the process starts, and nothing that is stored gets into it. It is asked only where
 * the store is {@linkplain StoreBacking#isGuestPrivate() the guest's own}.
 */
public final class ComputedImages implements DigestVouching {
    private final Map<ImageIdentity, VouchedImage> images = new ConcurrentHashMap<>();

    @Override
    public Basis basis() {
        return Basis.COMPUTED;
    }

    @Override
    public Optional<VouchedImage> find(ImageIdentity identity) {
        return Optional.ofNullable(images.get(identity));
    }

    /** Keeps what was computed from layers that were hashed to their diff_ids. */
    public void put(ImageIdentity identity, VouchedImage image) {
        images.put(identity, image);
    }
}
