package dev.bulla.composefs;

import dev.bulla.composefs.tree.Directory;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;

/**
 * Finds the format of which a tree's image has a given fs-verity digest. A digest names the bytes of an image, so the same
 * tree has one a format; who has only the digest, of a seal or of a boot entry, looks through them.
 *
 * <p>What the tree holds is not varied: which extended attributes and what root it has, its maker decides.
 */
public final class ImageMatch {
    /** The formats in the order in which they are tried, the likelier first. */
    public static final List<FormatVersion> ORDER = List.of(FormatVersion.V1, FormatVersion.V2, FormatVersion.V0);

    private ImageMatch() {}

    /**
     * The first format of {@link #ORDER} of which the tree's image has that digest. The image is not kept.
     *
     * @param root the tree; it is not changed
     * @param expected the digest looked for; its algorithm is the one that is computed
     * @return empty where no format gives it; a format that cannot hold the tree gives none
     */
    public static Optional<FormatVersion> find(Directory root, VerityDigest expected) {
        return ORDER.stream()
                .filter(version -> hasDigest(root, version, expected))
                .findFirst();
    }

    private static boolean hasDigest(Directory root, FormatVersion version, VerityDigest expected) {
        try {
            return digest(root, version, expected.algorithm()).equals(expected);
        } catch (UnwritableTreeException e) {
            return false; // so nobody has such an image
        }
    }

    /**
     * The fs-verity digest of a tree's image, which is not kept.
     *
     * @throws UnwritableTreeException when the tree holds what an image of that format has no room for
     */
    public static VerityDigest digest(Directory root, FormatVersion version, VerityAlgorithm algorithm)
            throws UnwritableTreeException {
        FsVerityDigester digester = new FsVerityDigester(algorithm);
        try {
            ErofsImageWriter.write(root, version, new MeasuredOutput(OutputStream.nullOutputStream(), digester));
        } catch (UnwritableTreeException e) {
            throw e;
        } catch (IOException e) {
            throw new UncheckedIOException(e); // nothing is written anywhere
        }
        return digester.finish();
    }
}
