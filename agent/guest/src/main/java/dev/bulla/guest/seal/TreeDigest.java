package dev.bulla.guest.seal;

import dev.bulla.composefs.ErofsImageWriter;
import dev.bulla.composefs.FormatVersion;
import dev.bulla.composefs.FsVerityDigester;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.tree.Directory;
import java.io.IOException;
import java.io.OutputStream;

/** The digest of a tree's image, which is hashed as it is written and kept nowhere. */
public final class TreeDigest {
    private TreeDigest() {}

    /**
     * Computes it.
     *
     * @param algorithm that of the digests in the tree too
     * @throws dev.bulla.composefs.UnwritableTreeException when the tree has no image
     */
    public static VerityDigest of(Directory root, FormatVersion format, VerityAlgorithm algorithm) throws IOException {
        FsVerityDigester digester = new FsVerityDigester(algorithm);
        ErofsImageWriter.write(root, format, new OutputStream() {
            @Override
            public void write(int b) {
                digester.update(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) {
                digester.update(bytes, offset, length);
            }
        });
        return digester.finish();
    }
}
