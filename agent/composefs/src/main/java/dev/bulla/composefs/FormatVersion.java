package dev.bulla.composefs;

import dev.bulla.composefs.tree.DeviceNode;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.composefs.tree.Node;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * The version of composefs that an image states. It is part of the image's digest.
 *
 * <p>V0 and V1 have one layout, that of composefs's C tools, and differ in how a tree's whiteouts are kept. V2 is the
 * earlier layout of composefs-rs: other order, other inodes, no whole nanoseconds, link counts from the tree alone.
 */
public enum FormatVersion {
    /** The first; a directory with whiteouts is marked in a way that kernels before 6.8 know. */
    V0(0),
    /** A directory with whiteouts is marked in the older and in the newer way. Ours. */
    V1(1),
    /**
     * What composefs-rs wrote before it took to V1, and old repositories and sealed boot entries have. Takes inline content
     * of at most {@value ErofsFormat#MAX_V2_INLINE} bytes and symbolic links of at most {@value ErofsFormat#MAX_V2_TARGET},
     * for its readers take no more.
     */
    V2(2);

    private final int number;

    FormatVersion(int number) {
        this.number = number;
    }

    /** The number in the image's header. */
    public int number() {
        return number;
    }

    /** Whether the layout is the one of composefs-rs alone: depth first, long inodes, no stubs, no escaped whiteouts. */
    boolean isDepthFirst() {
        return this == V2;
    }

    /** The version of a number in a header, if there is one. */
    public static Optional<FormatVersion> ofNumber(int number) {
        for (FormatVersion version : values()) {
            if (version.number == number) {
                return Optional.of(version);
            }
        }
        return Optional.empty();
    }

    /**
     * The least version from {@code least} to {@code most} that can show the tree: a tree with a whiteout wants V1.
     *
     * @param least taken as {@code most} too, where that is less
     */
    public static FormatVersion choose(FormatVersion least, FormatVersion most, Directory root) {
        return least == V0 && most == V1 && hasWhiteout(root) ? V1 : least;
    }

    private static boolean hasWhiteout(Directory root) {
        Deque<Directory> open = new ArrayDeque<>();
        open.push(root);
        while (!open.isEmpty()) {
            for (Node child : open.pop().children().values()) {
                if (child instanceof Directory directory) {
                    open.push(directory);
                } else if (child instanceof DeviceNode device && device.isWhiteout()) {
                    return true;
                }
            }
        }
        return false;
    }
}
