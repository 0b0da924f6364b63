package dev.bulla.composefs;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.Claims;
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
import dev.bulla.composefs.tree.TreeWalk;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Writes a tree as a dump: {@link DumpReader}'s format, escaped and ordered as {@code composefs-info dump} prints it, a
 * directory before its children and those by name.
 *
 * <p>A link count is the one claimed, else the one counted; a hard link's line repeats its inode's fields, with the path
 * of the inode as payload.
 */
public final class DumpWriter {
    private static final int BUFFER = 1 << 16;

    /** An inode that has more names than one. */
    private static final class Linked {
        long names = 1;
        ByteString path = ByteString.EMPTY;
    }

    private final OutputStream out;
    private final IdentityHashMap<Leaf, Linked> linked = new IdentityHashMap<>();

    private DumpWriter(OutputStream out) {
        this.out = out;
    }

    /** Writes the dump of a tree, and flushes. */
    public static void write(Directory root, OutputStream out) throws IOException {
        BufferedOutputStream buffered = new BufferedOutputStream(out, BUFFER);
        DumpWriter writer = new DumpWriter(buffered);
        TreeWalk.preOrder(root, (path, node) -> {
            if (node instanceof HardLink link) {
                writer.linked.computeIfAbsent(link.target(), target -> new Linked()).names++;
            }
        });
        if (!writer.linked.isEmpty()) {
            TreeWalk.preOrder(root, (path, node) -> {
                Linked names = node instanceof Leaf leaf ? writer.linked.get(leaf) : null;
                if (names != null) {
                    names.path = path.toByteString();
                }
            });
        }
        TreeWalk.preOrder(root, (path, node) -> writer.line(path.toByteString(), node));
        buffered.flush();
    }

    private void line(ByteString path, Node node) throws IOException {
        DumpEscape.write(out, path, DumpEscape.Also.NOTHING);
        switch (node) {
            case Directory directory -> directory(directory);
            case Leaf leaf -> leaf(leaf, Optional.empty());
            case HardLink link -> leaf(link.target(), Optional.of(namesOf(link.target()).path));
        }
        out.write('\n');
    }

    private void directory(Directory directory) throws IOException {
        long counted = 2
                + directory.children().values().stream()
                        .filter(Directory.class::isInstance)
                        .count();
        Claims claims = directory.claims();
        Metadata metadata = directory.metadata();
        fixed(claims.size(), "", FileType.DIRECTORY, metadata, claims.links().orElse(counted), 0);
        text(" - - -");
        xattrs(metadata);
    }

    private void leaf(Leaf leaf, Optional<ByteString> linkTarget) throws IOException {
        Optional<ByteString> payload = Optional.empty();
        Optional<ByteString> content = Optional.empty();
        Optional<VerityDigest> digest = Optional.empty();
        long size = leaf.claims().size();
        long rdev = 0;
        FileType type;
        switch (leaf) {
            case RegularFile file -> {
                type = FileType.REGULAR;
                size = file.content().size();
                switch (file.content()) {
                    case FileContent.Empty empty -> {}
                    case FileContent.Inline inline -> content = Optional.of(inline.bytes());
                    case FileContent.External external -> {
                        payload = Optional.of(external.payload()).filter(path -> !path.isEmpty());
                        digest = external.digest();
                    }
                }
            }
            case Symlink symlink -> {
                type = FileType.SYMLINK;
                size = symlink.target().length();
                payload = Optional.of(symlink.target());
            }
            case DeviceNode device -> {
                type = switch (device.kind()) {
                    case CHARACTER -> FileType.CHARACTER;
                    case BLOCK -> FileType.BLOCK;
                };
                rdev = device.rdev();
            }
            case Fifo fifo -> type = FileType.FIFO;
            case Socket socket -> type = FileType.SOCKET;
        }
        long links = leaf.claims().links().orElseGet(() -> namesOf(leaf).names);
        fixed(size, linkTarget.isPresent() ? "@" : "", type, leaf.metadata(), links, rdev);
        optional(linkTarget.isPresent() ? linkTarget : payload);
        optional(content);
        text(" " + digest.map(VerityDigest::hex).orElse("-"));
        xattrs(leaf.metadata());
    }

    private Linked namesOf(Leaf leaf) {
        return linked.getOrDefault(leaf, new Linked());
    }

    private void fixed(long size, String link, FileType type, Metadata metadata, long links, long rdev)
            throws IOException {
        text(" " + Long.toUnsignedString(size)
                + " " + link + Integer.toOctalString(type.modeBits() | metadata.permissions())
                + " " + links
                + " " + metadata.uid()
                + " " + metadata.gid()
                + " " + rdev
                + " " + metadata.mtime().seconds() + "." + metadata.mtime().nanos());
    }

    private void optional(Optional<ByteString> field) throws IOException {
        out.write(' ');
        if (field.isPresent()) {
            DumpEscape.write(out, field.get(), DumpEscape.Also.LONE_DASH);
        } else {
            out.write('-');
        }
    }

    private void xattrs(Metadata metadata) throws IOException {
        for (Map.Entry<ByteString, ByteString> xattr : metadata.xattrs().entrySet()) {
            out.write(' ');
            DumpEscape.write(out, xattr.getKey(), DumpEscape.Also.EQUALS);
            out.write('=');
            DumpEscape.write(out, xattr.getValue(), DumpEscape.Also.EQUALS);
        }
    }

    private void text(String ascii) throws IOException {
        out.write(ascii.getBytes(StandardCharsets.US_ASCII));
    }
}
