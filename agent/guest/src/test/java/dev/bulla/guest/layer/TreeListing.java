package dev.bulla.guest.layer;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.DeviceNode;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.composefs.tree.Fifo;
import dev.bulla.composefs.tree.FileContent;
import dev.bulla.composefs.tree.HardLink;
import dev.bulla.composefs.tree.Leaf;
import dev.bulla.composefs.tree.Metadata;
import dev.bulla.composefs.tree.Node;
import dev.bulla.composefs.tree.RegularFile;
import dev.bulla.composefs.tree.Socket;
import dev.bulla.composefs.tree.Symlink;
import dev.bulla.composefs.tree.Timestamp;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** A tree as lines that a test can compare: a path, and what stands there. */
final class TreeListing {
    private final SortedMap<String, String> lines = new TreeMap<>();
    private final IdentityHashMap<Leaf, String> places = new IdentityHashMap<>();

    private TreeListing() {}

    /** Types, permissions, owners, times, attributes, contents; a further name of an inode as {@code = first name}. */
    static SortedMap<String, String> of(Directory root) {
        TreeListing listing = new TreeListing();
        listing.add("", root);
        return listing.lines;
    }

    private void add(String path, Node node) {
        String line = switch (node) {
            case Directory directory -> {
                directory.children().forEach((name, child) -> add(path + "/" + name, child));
                yield "dir" + metadata(directory.metadata());
            }
            case HardLink link -> "= " + places.get(link.target());
            case Leaf leaf -> {
                if (places.put(leaf, path) != null) {
                    throw new AssertionError("an inode stands twice: " + path);
                }
                yield leaf(leaf) + metadata(leaf.metadata());
            }
        };
        lines.put(path.isEmpty() ? "/" : path, line);
    }

    private static String leaf(Leaf leaf) {
        return switch (leaf) {
            case RegularFile file ->
                switch (file.content()) {
                    case FileContent.Empty _ -> "file empty";
                    case FileContent.Inline inline -> "file \"" + inline.bytes() + "\"";
                    case FileContent.External external ->
                        "file " + external.size() + " " + external.digest().orElseThrow();
                };
            case Symlink link -> "link -> " + link.target();
            case DeviceNode device -> device.kind() + " " + device.rdev();
            case Fifo _ -> "fifo";
            case Socket _ -> "socket";
        };
    }

    private static String metadata(Metadata metadata) {
        StringBuilder text = new StringBuilder(" 0").append(Integer.toOctalString(metadata.permissions()));
        text.append(' ').append(metadata.uid()).append(':').append(metadata.gid());
        Timestamp time = metadata.mtime();
        text.append(' ').append(time.seconds()).append('.').append(time.nanos());
        for (Map.Entry<ByteString, ByteString> xattr : new TreeMap<>(metadata.xattrs()).entrySet()) {
            text.append(' ').append(xattr.getKey()).append('=').append(xattr.getValue());
        }
        return text.toString();
    }
}
