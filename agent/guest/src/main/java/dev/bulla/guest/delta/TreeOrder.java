package dev.bulla.guest.delta;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.composefs.tree.HardLink;
import dev.bulla.composefs.tree.Leaf;
import dev.bulla.composefs.tree.Node;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A tree's nodes, numbered in the order in which a canonical writer visits them: the root, then each directory before what is
 * in it, names in the order of their bytes.
 */
final class TreeOrder {
    private record Open(int number, Iterator<Map.Entry<ByteString, Node>> children) {}

    private final List<Node> nodes = new ArrayList<>();
    private final List<ByteString> names = new ArrayList<>();
    private int[] parents = new int[64];
    private final Set<Leaf> linked = Collections.newSetFromMap(new IdentityHashMap<>());

    TreeOrder(Directory root) {
        add(root, ByteString.EMPTY, 0);
        Deque<Open> open = new ArrayDeque<>();
        open.push(new Open(0, root.children().entrySet().iterator()));
        while (!open.isEmpty()) {
            Open folder = requireNonNull(open.peek());
            if (!folder.children.hasNext()) {
                open.pop();
                continue;
            }
            Map.Entry<ByteString, Node> child = folder.children.next();
            int number = add(child.getValue(), child.getKey(), folder.number);
            if (child.getValue() instanceof Directory below) {
                open.push(new Open(number, below.children().entrySet().iterator()));
            }
        }
    }

    private int add(Node node, ByteString name, int parent) {
        int number = nodes.size();
        nodes.add(node);
        names.add(name);
        if (number == parents.length) {
            parents = Arrays.copyOf(parents, number * 2);
        }
        parents[number] = parent;
        if (node instanceof HardLink link) {
            linked.add(link.target());
        }
        return number;
    }

    /** How many nodes. */
    int size() {
        return nodes.size();
    }

    Node node(int number) {
        return nodes.get(number);
    }

    /** The inode behind a name, if it has more than one. */
    Optional<Leaf> sharedInode(int number) {
        return switch (nodes.get(number)) {
            case HardLink link -> Optional.of(link.target());
            case Leaf leaf when linked.contains(leaf) -> Optional.of(leaf);
            case Leaf _, Directory _ -> Optional.empty();
        };
    }

    /** The path of a node, components joined by slashes; empty for the root. */
    ByteString path(int number) {
        int length = 0;
        for (int at = number; at != 0; at = parents[at]) {
            length += names.get(at).length() + 1;
        }
        if (length == 0) {
            return ByteString.EMPTY;
        }
        byte[] path = new byte[length - 1];
        int end = path.length;
        for (int at = number; at != 0; at = parents[at]) {
            ByteString name = names.get(at);
            end -= name.length();
            name.copyTo(path, end);
            if (end > 0) {
                path[--end] = '/';
            }
        }
        return ByteString.of(path);
    }

    /** Finds nodes by their paths. */
    Lookup lookup() {
        return new Lookup();
    }

    /** The way from a path to a number. Links are not followed. */
    final class Lookup {
        private final IdentityHashMap<Node, Integer> numbers = new IdentityHashMap<>();

        private Lookup() {
            for (int i = 0; i < nodes.size(); i++) {
                numbers.put(nodes.get(i), i);
            }
        }

        /** The node of this path, or -1. */
        int find(ByteString path) {
            Node at = nodes.getFirst();
            int start = 0;
            for (int i = 0; i <= path.length() && !path.isEmpty(); i++) {
                if (i == path.length() || path.at(i) == '/') {
                    @Nullable
                    Node next = at instanceof Directory folder
                            ? folder.get(path.substring(start, i)).orElse(null)
                            : null;
                    if (next == null) {
                        return -1;
                    }
                    at = next;
                    start = i + 1;
                }
            }
            return requireNonNull(numbers.get(at));
        }
    }
}
