package dev.bulla.composefs;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.composefs.tree.Fifo;
import dev.bulla.composefs.tree.HardLink;
import dev.bulla.composefs.tree.Leaf;
import dev.bulla.composefs.tree.Metadata;
import dev.bulla.composefs.tree.Node;
import dev.bulla.oci.Quoted;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The tree that a dump's lines build. A hard link may come before its target, so links are resolved at the end. */
final class DumpTree {
    private static final ByteString ROOT = ByteString.utf8("/");

    /** A hard link whose target is still a path; {@code placeholder} keeps its place. */
    private record Link(long line, Directory parent, ByteString name, ByteString target, Leaf placeholder) {}

    private final List<Link> links = new ArrayList<>();
    private @Nullable Directory root;

    void addDirectory(DumpLine line, ByteString path, Directory directory) throws DumpFormatException {
        if (!path.equals(ROOT)) {
            put(line, path, directory);
        } else if (root != null) {
            throw line.refuse("a second root");
        } else {
            root = directory;
        }
    }

    void addLeaf(DumpLine line, ByteString path, Leaf leaf) throws DumpFormatException {
        if (path.equals(ROOT)) {
            throw line.refuse("the root must be a directory");
        }
        put(line, path, leaf);
    }

    void addHardLink(DumpLine line, ByteString path, Optional<ByteString> target) throws DumpFormatException {
        if (target.isEmpty()) {
            throw line.refuse("hard link without a target path");
        }
        Leaf placeholder = new Fifo(Metadata.ofRoot(0));
        addLeaf(line, path, placeholder);
        ByteString name = lastName(path);
        links.add(new Link(line.number(), parent(line, path), name, target.get(), placeholder));
    }

    /** The root, with every hard link in place. */
    Directory finish() throws DumpFormatException {
        if (root == null) {
            throw new DumpFormatException(0, "no files in the dump");
        }
        IdentityHashMap<Node, Link> unresolved = new IdentityHashMap<>();
        for (Link link : links) {
            unresolved.put(link.placeholder, link);
        }
        for (Link link : links) {
            if (unresolved.containsKey(link.placeholder)) {
                resolve(root, link, unresolved);
            }
        }
        return root;
    }

    /** Follows a link to an inode, and lets every link on the way name that inode. */
    private static void resolve(Directory root, Link first, IdentityHashMap<Node, Link> unresolved)
            throws DumpFormatException {
        List<Link> chain = new ArrayList<>();
        IdentityHashMap<Node, Boolean> seen = new IdentityHashMap<>();
        Link link = first;
        while (true) {
            if (seen.put(link.placeholder, Boolean.TRUE) != null) {
                throw new DumpFormatException(link.line, "hard link that leads back to itself");
            }
            chain.add(link);
            Node target = lookup(root, link.target);
            if (target == null) {
                throw new DumpFormatException(
                        link.line, "no target at " + Quoted.text(link.target.toString()) + " for a hard link");
            }
            Link next = unresolved.get(target);
            if (next != null) {
                link = next;
                continue;
            }
            Leaf inode = switch (target) {
                case Directory directory ->
                    throw new DumpFormatException(link.line, "directories can't be hard linked");
                case HardLink resolved -> resolved.target();
                case Leaf leaf -> leaf;
            };
            for (Link resolved : chain) {
                resolved.parent.put(resolved.name, new HardLink(inode));
                unresolved.remove(resolved.placeholder);
            }
            return;
        }
    }

    private void put(DumpLine line, ByteString path, Node node) throws DumpFormatException {
        Directory parent = parent(line, path);
        ByteString name = lastName(path);
        if (!Directory.isName(name)) {
            throw line.refuse("invalid name " + Quoted.text(name.toString()) + " in the path " + quoted(path));
        }
        if (parent.put(name, node).isPresent()) {
            throw line.refuse("the path " + quoted(path) + " is there already");
        }
    }

    private Directory parent(DumpLine line, ByteString path) throws DumpFormatException {
        if (root == null) {
            throw line.refuse("the root is not there yet");
        }
        int end = path.length();
        while (end > 0 && path.at(end - 1) != '/') {
            end--;
        }
        Node parent = lookup(requireNonNull(root), path.substring(0, end));
        return switch (parent) {
            case null -> throw line.refuse("parent directory missing for " + quoted(path));
            case Directory directory -> directory;
            case Leaf leaf -> throw line.refuse("the parent is no directory for " + quoted(path));
            case HardLink link -> throw line.refuse("the parent is no directory for " + quoted(path));
        };
    }

    /** What stands at a path; slashes at either end and doubled ones say nothing. */
    private static @Nullable Node lookup(Directory root, ByteString path) {
        Node at = root;
        int start = 0;
        for (int i = 0; i <= path.length(); i++) {
            if (i < path.length() && path.at(i) != '/') {
                continue;
            }
            if (i > start) {
                Optional<Node> child =
                        at instanceof Directory directory ? directory.get(path.substring(start, i)) : Optional.empty();
                if (child.isEmpty()) {
                    return null;
                }
                at = child.get();
            }
            start = i + 1;
        }
        return at;
    }

    private static ByteString lastName(ByteString path) {
        int start = path.length();
        while (start > 0 && path.at(start - 1) != '/') {
            start--;
        }
        return path.substring(start);
    }

    private static String quoted(ByteString path) {
        return Quoted.text(path.toString());
    }
}
