package dev.bulla.kbs.store;

import dev.bulla.oci.SymmetricKey;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;

/** Gives a store for each kind of thing that is kept. */
@FunctionalInterface
public interface BlobStores {

    /** The store of that namespace, such as {@code repository}. */
    BlobStore open(String namespace) throws StoreException;

    /** Stores in memory. */
    static BlobStores memory(InstantSource time) {
        return namespace -> new MemoryStore(time);
    }

    /**
     * A folder each below {@code root}, as Trustee's {@code LocalFs} has them.
     *
     * @param key under which files are sealed; the caller wipes it when nobody uses the stores any more
     * @param random for nonces
     */
    static BlobStores folders(Path root, Optional<SymmetricKey> key, SecureRandom random) {
        return namespace -> FolderStore.open(root, namespace, key, random);
    }

    /**
     * These stores, but for one namespace the folder of an older installation; see {@link FolderStore#openNested}.
     *
     * @param namespace which
     * @param folder the folder
     * @param key as with {@link #folders}
     * @param random as with {@link #folders}
     */
    default BlobStores withNested(String namespace, Path folder, Optional<SymmetricKey> key, SecureRandom random) {
        return asked -> asked.equals(namespace) ? FolderStore.openNested(folder, namespace, key, random) : open(asked);
    }
}
