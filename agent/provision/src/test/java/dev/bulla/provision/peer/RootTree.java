package dev.bulla.provision.peer;

import dev.bulla.composefs.ErofsImageReader;
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
import dev.bulla.linux.FileStatus;
import dev.bulla.linux.PathBytes;
import dev.bulla.linux.Xattrs;
import dev.bulla.oci.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** What a root file system holds, flat, so that two of them can be compared and a difference be read. */
final class RootTree {

    /**
     * One name.
     *
     * @param type {@code file}, {@code folder}, {@code link}, {@code character}, {@code block}, {@code fifo}, {@code socket}
     * @param permissions the mode's lower 12 bits in octal
     * @param owner {@code uid:gid}
     * @param modified seconds and nanoseconds
     * @param content a file's sha256, a link's target, a device's number
     * @param xattrs names and values in hex
     * @param names all names of the same inode
     */
    record Entry(
            String type,
            String permissions,
            String owner,
            String modified,
            String content,
            SortedMap<String, String> xattrs,
            SortedSet<String> names) {}

    private final SortedMap<String, Entry> entries = new TreeMap<>();

    private RootTree() {}

    /** The entries by their paths; the root's is {@code /}. */
    SortedMap<String, Entry> entries() {
        return entries;
    }

    /** What lies below a folder, as the kernel shows it, without {@code trusted.*}, which no image of ours keeps. */
    static RootTree ofFolder(Path root) throws IOException {
        RootTree tree = new RootTree();
        Map<String, SortedSet<String>> names = new TreeMap<>();
        tree.addFile("/", root, names);
        return tree;
    }

    private void addFile(String path, Path file, Map<String, SortedSet<String>> names) throws IOException {
        FileStatus status = FileStatus.of(file);
        SortedMap<String, String> xattrs = new TreeMap<>();
        for (byte[] name : Xattrs.list(file)) {
            String text = new String(name, StandardCharsets.UTF_8);
            if (!text.startsWith("trusted.")) {
                xattrs.put(text, HexFormat.of().formatHex(Xattrs.get(file, name).orElseThrow()));
            }
        }
        String type = switch (status.type()) {
            case FileStatus.TYPE_REGULAR -> "file";
            case FileStatus.TYPE_DIRECTORY -> "folder";
            case FileStatus.TYPE_SYMLINK -> "link";
            case FileStatus.TYPE_CHARACTER -> "character";
            case FileStatus.TYPE_BLOCK -> "block";
            case FileStatus.TYPE_FIFO -> "fifo";
            case FileStatus.TYPE_SOCKET -> "socket";
            default -> throw new IOException(file + " is of no known type");
        };
        String content = switch (type) {
            case "file" -> Digest.Algorithm.SHA256.of(Files.readAllBytes(file)).hex();
            case "link" -> Files.readSymbolicLink(file).toString();
            case "character", "block" -> status.deviceMajor() + ":" + status.deviceMinor();
            default -> "";
        };
        boolean folder = type.equals("folder");
        SortedSet<String> same = folder
                ? new TreeSet<>()
                : names.computeIfAbsent(status.fileSystem() + ":" + status.inode(), any -> new TreeSet<>());
        same.add(path);
        entries.put(
                path,
                new Entry(
                        type,
                        Integer.toOctalString(status.permissions()),
                        status.uid() + ":" + status.gid(),
                        status.modifiedSeconds() + "." + status.modifiedNanoseconds(),
                        content,
                        xattrs,
                        same));
        if (folder) {
            try (DirectoryStream<Path> children = Files.newDirectoryStream(file)) {
                for (Path child : children) {
                    String name = new String(PathBytes.nameOf(child), StandardCharsets.UTF_8);
                    addFile(below(path, name), child, names);
                }
            }
        }
    }

    /** What a composefs image describes, its files' contents read from the object store. */
    static RootTree ofImage(Path image, Path objects) throws IOException {
        RootTree tree = new RootTree();
        tree.addNode("/", ErofsImageReader.read(image), objects, new IdentityHashMap<>());
        return tree;
    }

    private void addNode(String path, Node node, Path objects, IdentityHashMap<Leaf, SortedSet<String>> names)
            throws IOException {
        switch (node) {
            case Directory directory -> {
                entries.put(path, entry("folder", directory.metadata(), "", new TreeSet<>(Set.of(path))));
                for (Map.Entry<ByteString, Node> child : directory.children().entrySet()) {
                    addNode(below(path, child.getKey().toString()), child.getValue(), objects, names);
                }
            }
            case HardLink link -> addLeaf(path, link.target(), objects, names);
            case Leaf leaf -> addLeaf(path, leaf, objects, names);
        }
    }

    private void addLeaf(String path, Leaf leaf, Path objects, IdentityHashMap<Leaf, SortedSet<String>> names)
            throws IOException {
        SortedSet<String> same = names.computeIfAbsent(leaf, any -> new TreeSet<>());
        same.add(path);
        Entry entry = switch (leaf) {
            case RegularFile file -> entry("file", file.metadata(), sha256(file.content(), objects), same);
            case Symlink link -> entry("link", link.metadata(), link.target().toString(), same);
            case DeviceNode device ->
                entry(
                        switch (device.kind()) {
                            case CHARACTER -> "character";
                            case BLOCK -> "block";
                        },
                        device.metadata(),
                        number(device.rdev()),
                        same);
            case Fifo fifo -> entry("fifo", fifo.metadata(), "", same);
            case Socket socket -> entry("socket", socket.metadata(), "", same);
        };
        entries.put(path, entry);
    }

    private static Entry entry(String type, Metadata metadata, String content, SortedSet<String> names) {
        SortedMap<String, String> xattrs = new TreeMap<>();
        metadata.xattrs()
                .forEach((name, value) ->
                        xattrs.put(name.toString(), HexFormat.of().formatHex(value.toByteArray())));
        return new Entry(
                type,
                Integer.toOctalString(metadata.permissions()),
                metadata.uid() + ":" + metadata.gid(),
                metadata.mtime().seconds() + "." + metadata.mtime().nanos(),
                content,
                xattrs,
                names);
    }

    private static String sha256(FileContent content, Path objects) throws IOException {
        byte[] bytes = switch (content) {
            case FileContent.Empty empty -> new byte[0];
            case FileContent.Inline inline -> inline.bytes().toByteArray();
            case FileContent.External external ->
                Files.readAllBytes(objects.resolve(external.payload().toString()));
        };
        if (bytes.length != content.size()) {
            throw new IOException("an object has " + bytes.length + " bytes, the image says " + content.size());
        }
        return Digest.Algorithm.SHA256.of(bytes).hex();
    }

    /** The kernel's encoding of a device number in 32 bits. */
    private static String number(long rdev) {
        return ((rdev >> 8) & 0xFFF) + ":" + ((rdev & 0xFF) | ((rdev >> 12) & 0xFFF00));
    }

    private static String below(String folder, String name) {
        return folder.equals("/") ? "/" + name : folder + "/" + name;
    }
}
