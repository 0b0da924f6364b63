package dev.bulla.composefs.check;

import dev.bulla.linux.Flock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** The lock under which a store's files are deleted. */
final class StoreLock {
    private StoreLock() {}

    /**
     * Waits until nobody else has the store open.
     *
     * @param waiting told once, when there is somebody
     */
    static Flock exclusive(Path store, Runnable waiting) throws IOException {
        Path folder = Fsck.folder(store);
        Optional<Flock> lock = Flock.tryExclusive(folder);
        if (lock.isPresent()) {
            return lock.orElseThrow();
        }
        waiting.run();
        return Flock.exclusive(folder);
    }
}
