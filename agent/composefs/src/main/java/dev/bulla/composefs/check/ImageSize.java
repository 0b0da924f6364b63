package dev.bulla.composefs.check;

import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.linux.FsVerity;
import dev.bulla.linux.OpenFile;
import java.io.IOException;

/**
 * How much of a store an image takes: what other images share with it included.
 *
 * <p><b>Security.</b> For people to read: the image is taken as it is found.
 *
 * @param objects how many objects: the image's own and one for each different content of its files
 * @param bytes how many bytes they have, as far as the image says
 */
public record ImageSize(long objects, long bytes) {
    /** Of an image of a store that is open. */
    public static ImageSize of(ObjectStore store, VerityDigest image) throws IOException {
        try (OpenFile folder = OpenFile.directory(store.folder());
                OpenFile file = new StoreFiles(folder).object(image)) {
            StoreMetadata metadata = StoreMetadata.read(new StoreFiles(folder), FsVerity.ofKernel(), new Findings());
            DigestSet seen = new DigestSet();
            long[] bytes = {file.status().size()};
            ImageObjects.each(file, metadata, (object, size) -> {
                if (seen.add(object)) {
                    bytes[0] += size;
                }
            });
            return new ImageSize(1 + seen.size(), bytes[0]);
        }
    }
}
