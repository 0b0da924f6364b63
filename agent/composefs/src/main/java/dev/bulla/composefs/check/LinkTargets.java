package dev.bulla.composefs.check;

import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.oci.Digest;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/** What the links of a store may say: never anything but a path of fixed form inside it. */
final class LinkTargets {
    private static final Path UP = Path.of("..");
    private static final Pattern HEX = Pattern.compile("[0-9a-f]*");
    private static final int OBJECT_NAMES = 4;

    private LinkTargets() {}

    /** The object that a link in {@code images/} or {@code streams/} leads to: {@code ../objects/xx/<rest>}, or nothing. */
    static Optional<VerityDigest> object(Path target) {
        if (target.isAbsolute()
                || target.getNameCount() != OBJECT_NAMES
                || !target.getName(0).equals(UP)
                || !target.getName(1).equals(StoreFiles.OBJECTS)) {
            return Optional.empty();
        }
        return object(target.getName(2).toString(), target.getName(3).toString());
    }

    /** The object of these two names below {@code objects/}, or nothing. */
    static Optional<VerityDigest> object(String prefix, String rest) {
        return prefix.length() == 2 ? digest(prefix + rest) : Optional.empty();
    }

    /** The digest of that text, of blocks of 4 KiB since the text does not say; or nothing. */
    static Optional<VerityDigest> digest(String hex) {
        if (!HEX.matcher(hex).matches()) {
            return Optional.empty();
        }
        for (Digest.Algorithm hash : Digest.Algorithm.values()) {
            VerityAlgorithm algorithm = VerityAlgorithm.of(hash);
            if (hex.length() == 2 * algorithm.length()) {
                return Optional.of(new VerityDigest(algorithm, hex));
            }
        }
        return Optional.empty();
    }

    /**
     * The entry that a name leads to, {@code ../<entry>} or with more levels up, or nothing.
     *
     * @param levels how many folders the name is below that of the entries: 1 in {@code refs} itself
     */
    static Optional<Path> entry(Path target, int levels) {
        if (target.isAbsolute() || target.getNameCount() != levels + 1) {
            return Optional.empty();
        }
        for (int i = 0; i < levels; i++) {
            if (!target.getName(i).equals(UP)) {
                return Optional.empty();
            }
        }
        Path name = target.getFileName();
        boolean odd = name.equals(UP) || name.equals(Path.of(".")) || name.equals(StoreFiles.REFS);
        return odd ? Optional.empty() : Optional.of(name);
    }
}
