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
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The tree that a dump's lines build. A hard link may come before its target, so links are resolved at the end. */
final class DumpTree {
    /** A hard link whose target is still a path; {@code placeholder} keeps its place. */
    private record Link(long line, Directory parent, ByteString name, ByteString target, Leaf placeholder) {}

    private final List<Link> links = new ArrayList<>();
    private @Nullable Directory root;

    // The folder whose children came last, with all above it, since the next line's is mostly one of these: its path
    // without a slash at the end, the folders from the root on, and where the path of each ends. No folder is ever
    // replaced, so what is here stays true.
    private byte[] lastPath = new byte[256];
    private final List<Directory> lastFolders = new ArrayList<>();
    private int[] lastEnds = new int[16];

    void addDirectory(DumpLine line, DumpPath path, Directory directory) throws DumpFormatException {
        if (!path.isRoot()) {
            put(line, path, directory);
        } else if (root != null) {
            throw line.refuse("a second root");
        } else {
            root = directory;
            lastFolders.add(directory);
        }
    }

    void addLeaf(DumpLine line, DumpPath path, Leaf leaf) throws DumpFormatException {
        if (path.isRoot()) {
            throw line.refuse("the root must be a directory");
        }
        put(line, path, leaf);
    }

    void addHardLink(DumpLine line, DumpPath path, Optional<ByteString> target) throws DumpFormatException {
        if (target.isEmpty()) {
            throw line.refuse("hard link without a target path");
        }
        Leaf placeholder = new Fifo(Metadata.ofRoot(0));
        addLeaf(line, path, placeholder);
        ByteString name = path.name();
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

    private void put(DumpLine line, DumpPath path, Node node) throws DumpFormatException {
        Directory parent = parent(line, path);
        ByteString name = path.name();
        if (!Directory.isName(name)) {
            throw line.refuse("invalid name " + Quoted.text(name.toString()) + " in the path " + path.quoted());
        }
        if (parent.put(name, node).isPresent()) {
            throw line.refuse("the path " + path.quoted() + " is there already");
        }
    }

    private Directory parent(DumpLine line, DumpPath path) throws DumpFormatException {
        if (root == null) {
            throw line.refuse("the root is not there yet");
        }
        int end = path.nameStart();
        Node parent = path.bytes()[path.start()] == '/'
                ? lookupFromLast(path, end - 1)
                : lookup(requireNonNull(root), path.part(path.start(), end));
        return switch (parent) {
            case null -> throw line.refuse("parent directory missing for " + path.quoted());
            case Directory directory -> directory;
            case Leaf leaf -> throw line.refuse("the parent is no directory for " + path.quoted());
            case HardLink link -> throw line.refuse("the parent is no directory for " + path.quoted());
        };
    }

    /** What stands at {@code path[..end)}, which starts with a slash or is empty, found from what the last line had. */
    private @Nullable Node lookupFromLast(DumpPath path, int end) {
        byte[] bytes = path.bytes();
        int start = path.start();
        int length = end - start;
        int depth = lastFolders.size() - 1;
        int lastLength = lastEnds[depth];
        int mismatch = Arrays.mismatch(bytes, start, end, lastPath, 0, lastLength);
        int common = mismatch < 0 ? length : mismatch;
        while (lastEnds[depth] > common || (lastEnds[depth] < length && bytes[start + lastEnds[depth]] != '/')) {
            depth--;
        }
        Directory at = lastFolders.get(depth);
        int done = lastEnds[depth];
        lastFolders.subList(depth + 1, lastFolders.size()).clear();
        while (done < length) {
            int nameEnd = done + 1;
            while (nameEnd < length && bytes[start + nameEnd] != '/') {
                nameEnd++;
            }
            if (nameEnd == done + 1) { // a doubled slash
                return lookup(requireNonNull(root), path.part(start, end));
            }
            Node child = at.get(path.part(start + done + 1, start + nameEnd)).orElse(null);
            if (!(child instanceof Directory directory)) {
                return child == null || nameEnd < length ? null : child;
            }
            at = directory;
            remember(directory, bytes, start, nameEnd);
            done = nameEnd;
        }
        return at;
    }

    private void remember(Directory directory, byte[] bytes, int start, int length) {
        int depth = lastFolders.size();
        if (depth == lastEnds.length) {
            lastEnds = Arrays.copyOf(lastEnds, depth * 2);
        }
        if (length > lastPath.length) {
            lastPath = Arrays.copyOf(lastPath, length * 2);
        }
        int from = lastEnds[depth - 1];
        System.arraycopy(bytes, start + from, lastPath, from, length - from);
        lastEnds[depth] = length;
        lastFolders.add(directory);
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
}
