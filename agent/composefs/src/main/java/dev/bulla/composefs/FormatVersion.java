package dev.bulla.composefs;

import dev.bulla.composefs.tree.DeviceNode;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.composefs.tree.Node;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The version of composefs that an image states, and with it how whiteouts of the tree are kept. It is part of the image's
 * digest.
 */
public enum FormatVersion {
    /** The first; a directory with whiteouts is marked in a way that kernels before 6.8 know. */
    V0(0),
    /** A directory with whiteouts is marked in the older and in the newer way. Ours. */
    V1(1);

    private final int number;

    FormatVersion(int number) {
        this.number = number;
    }

    /** The number in the image's header. */
    public int number() {
        return number;
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
