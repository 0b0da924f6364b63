package dev.bulla.guest.store;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whose word counts for what a store holds.
 *
 * @param computed what this process has computed; one for all pulls of a process
 * @param records the records that a key released by the KBS authenticates, where there is such a key
 */
public record StoreTrust(ComputedImages computed, Optional<AuthenticatedRecords> records) {
    public StoreTrust {
        requireNonNull(computed, "computed is null");
        requireNonNull(records, "records is null");
    }

    /** Nobody's but that of layers that are hashed again. */
    public static StoreTrust none() {
        return new StoreTrust(new ComputedImages(), Optional.empty());
    }

    /** Who may be asked, in order, about a store that is kept there. */
    public List<DigestVouching> vouching(StoreBacking backing) {
        List<DigestVouching> vouching = new ArrayList<>();
        if (backing.isGuestPrivate()) {
            vouching.add(computed);
        }
        records.ifPresent(vouching::add);
        return vouching;
    }

    /** Keeps what was computed from layers that were hashed to their diff_ids, for later pulls. */
    public void keep(ImageIdentity identity, VouchedImage image, StoreBacking backing) throws IOException {
        if (backing.isGuestPrivate()) {
            computed.put(identity, image);
        }
        if (records.isPresent()) {
            records.orElseThrow().put(identity, image);
        }
    }
}
