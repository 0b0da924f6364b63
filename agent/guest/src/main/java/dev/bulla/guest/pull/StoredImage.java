package dev.bulla.guest.pull;

import dev.bulla.composefs.ErofsImageReader;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.composefs.store.StoreException;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.composefs.tree.FileContent;
import dev.bulla.composefs.tree.Node;
import dev.bulla.composefs.tree.RegularFile;
import dev.bulla.guest.store.DigestVouching;
import dev.bulla.guest.store.DigestVouching.Basis;
import dev.bulla.guest.store.ImageIdentity;
import dev.bulla.guest.store.VouchedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * An image of the store that somebody vouches for, with all that it needs.
 *
 * <p><b>Security.</b> The digest is the voucher's, never the store's. The image's bytes are hashed to it and read from the
 * same array, and each of its objects is measured, or hashed where there is no fs-verity: what is then there is what was
 * computed once, and nothing else has to be believed.
 *
 * @param image the image, and what its layers held
 * @param root its tree
 * @param basis how it was vouched for
 */
record StoredImage(VouchedImage image, Directory root, Basis basis) {
    /** An image of more bytes is computed again. */
    private static final int MAX_IMAGE = 256 << 20;

    private static final int HEAP_SHARE = 4;

    /** Asks one after the other; one that is refused, or whose image is not whole, is noted and passed over. */
    static Optional<StoredImage> find(
            ObjectStore store, ImageIdentity identity, List<DigestVouching> vouching, PullNotes notes) {
        for (DigestVouching voucher : vouching) {
            try {
                Optional<VouchedImage> image = voucher.find(identity);
                if (image.isPresent()) {
                    Directory root = read(store, image.orElseThrow().image());
                    return Optional.of(new StoredImage(image.orElseThrow(), root, voucher.basis()));
                }
            } catch (IOException e) {
                notes.add(
                        "stored image (" + voucher.basis().words() + ") is not used, its layers are hashed again",
                        e.getMessage());
            }
        }
        return Optional.empty();
    }

    private static Directory read(ObjectStore store, VerityDigest digest) throws IOException {
        Path link = store.imagePath(digest);
        Path target = Path.of("../objects", digest.objectPath());
        if (!Files.isSymbolicLink(link) || !Files.readSymbolicLink(link).equals(target)) {
            throw new StoreException("store: image " + digest + " has no link to its object");
        }
        int limit = (int) Math.min(MAX_IMAGE, Runtime.getRuntime().maxMemory() / HEAP_SHARE);
        Directory root = ErofsImageReader.read(
                store.read(digest, limit).orElseThrow(() -> new StoreException("store: no object " + digest)));
        requireObjects(store, root);
        return root;
    }

    private static void requireObjects(ObjectStore store, Directory root) throws IOException {
        Set<VerityDigest> checked = new HashSet<>();
        Deque<Directory> open = new ArrayDeque<>();
        open.push(root);
        while (!open.isEmpty()) {
            for (Node child : open.pop().children().values()) {
                switch (child) {
                    case Directory directory -> open.push(directory);
                    case RegularFile file -> requireObject(store, file.content(), checked);
                    default -> {} // a hard link too: its inode stands elsewhere in the tree
                }
            }
        }
    }

    private static void requireObject(ObjectStore store, FileContent content, Set<VerityDigest> checked)
            throws IOException {
        if (content instanceof FileContent.External external) {
            VerityDigest digest = external.digest()
                    .orElseThrow(() -> new StoreException("store: a file of the image has no fs-verity digest"));
            if (checked.add(digest) && store.find(digest).isEmpty()) {
                throw new StoreException("store: no object " + digest);
            }
        }
    }
}
