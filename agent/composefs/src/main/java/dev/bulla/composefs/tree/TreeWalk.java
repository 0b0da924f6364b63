package dev.bulla.composefs.tree;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.Map;

/**
 * Visits a tree in the order of a dump: a directory, then its children in the order of their names, each with all that is
 * below it. Deep trees cost memory, not stack.
 */
public final class TreeWalk {
    /** Sees one node. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * Sees one node.
         *
         * @param path from the root, {@code /a/b}; {@code /} for the root itself
         * @param node what stands there
         */
        void visit(PathBuffer path, Node node) throws IOException;
    }

    /** The path of the node being visited; it changes with the next one. */
    public static final class PathBuffer {
        private byte[] bytes = new byte[256];
        private int length;

        /** A copy that stays as it is. */
        public ByteString toByteString() {
            return length == 0 ? ByteString.utf8("/") : ByteString.of(bytes, 0, length);
        }

        private void append(ByteString name) {
            int end = length + 1 + name.length();
            if (end > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.max(end, bytes.length * 2));
            }
            bytes[length] = '/';
            name.copyTo(bytes, length + 1);
            length = end;
        }
    }

    /** A directory whose children are being visited, and the length of its path. */
    private record Open(Iterator<Map.Entry<ByteString, Node>> children, int pathLength) {}

    private TreeWalk() {}

    /** Visits {@code root} and everything below it. */
    public static void preOrder(Directory root, Visitor visitor) throws IOException {
        PathBuffer path = new PathBuffer();
        Deque<Open> open = new ArrayDeque<>();
        visitor.visit(path, root);
        open.push(new Open(root.children().entrySet().iterator(), 0));
        while (true) {
            Open folder = open.peek();
            if (folder == null) {
                return;
            }
            path.length = folder.pathLength;
            if (!folder.children.hasNext()) {
                open.pop();
                continue;
            }
            Map.Entry<ByteString, Node> child = folder.children.next();
            path.append(child.getKey());
            visitor.visit(path, child.getValue());
            if (child.getValue() instanceof Directory directory) {
                open.push(new Open(directory.children().entrySet().iterator(), path.length));
            }
        }
    }
}
