package dev.bulla.composefs.store;

import dev.bulla.linux.Flock;
import dev.bulla.linux.LinuxException;

/** A store that nobody else has open: what is not referred to now will not be until this is closed. */
public final class ExclusiveLock implements AutoCloseable {
    private final Flock lock;

    ExclusiveLock(Flock lock) {
        this.lock = lock;
    }

    /** Lets others open the store again; the opening it was taken through stays. */
    @Override
    public void close() throws LinuxException {
        lock.shareAgain();
    }
}
