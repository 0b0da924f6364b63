package dev.bulla.guest.cli;

import dev.bulla.guest.store.AuthenticatedRecords;
import dev.bulla.guest.store.ComputedImages;
import dev.bulla.guest.store.StoreTrust;
import java.util.Optional;

/** Whose word counts for the store in one run of a command; closing it wipes the records' key, where there is one. */
record StoreRecords(Optional<AuthenticatedRecords> records) implements AutoCloseable {
    StoreTrust trust() {
        return new StoreTrust(new ComputedImages(), records);
    }

    @Override
    public void close() {
        records.ifPresent(AuthenticatedRecords::close);
    }
}
