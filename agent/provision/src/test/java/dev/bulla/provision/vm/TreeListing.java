package dev.bulla.provision.vm;

import dev.bulla.composefs.FormatVersion;
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
import dev.bulla.linux.FileStatus;
import dev.bulla.linux.PathBytes;
import dev.bulla.linux.SymbolicLinks;
import dev.bulla.linux.Xattrs;
import dev.bulla.oci.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A tree as lines of text by path, made from what we wrote and from what a kernel shows, to be compared.
 *
 * <p>Paths are bytes, one character each. Names of one inode have the first of them in their lines.
 */
final class TreeListing {
    private static final int MAX_SHOWN = 1500;

    private final SortedMap<String, String> lines = new TreeMap<>();
    private final Map<Object, String> firstNames;

    /** Whether times have nanoseconds: V2 keeps none. */
    private final boolean nanoseconds;

    private TreeListing(Map<Object, String> firstNames, boolean nanoseconds) {
        this.firstNames = firstNames;
        this.nanoseconds = nanoseconds;
    }

    /** Gives the SHA-256 of what a file holds. */
    @FunctionalInterface
    interface Sums {
        String sha256(FileContent content);
    }

    /** What the kernel is to show of a tree that was written in a version of the format. */
    static SortedMap<String, String> expected(Directory root, FormatVersion version, Sums sums) {
        TreeListing listing = new TreeListing(new IdentityHashMap<>(), version != FormatVersion.V2);
        listing.expectDirectory("/", root, version, sums);
        return listing.lines;
    }

    private void expectDirectory(String path, Directory directory, FormatVersion version, Sums sums) {
        boolean whiteouts = false;
        for (Map.Entry<ByteString, Node> child : directory.children().entrySet()) {
            String below = (path.equals("/") ? "" : path) + "/" + text(child.getKey());
            switch (child.getValue()) {
                case Directory folder -> expectDirectory(below, folder, version, sums);
                case HardLink link -> expectLeaf(below, link.target(), sums);
                case Leaf leaf -> expectLeaf(below, leaf, sums);
            }
            whiteouts |= child.getValue() instanceof DeviceNode device && device.isWhiteout();
        }
        Map<String, String> xattrs = xattrs(directory.metadata());
        if (whiteouts) { // kept as marks, which this kernel shows without one level of their escape
            xattrs.put("trusted.overlay.whiteouts", "");
            xattrs.put("user.overlay.whiteouts", "");
            if (version != FormatVersion.V0) {
                xattrs.put("trusted.overlay.opaque", HexFormat.of().formatHex(new byte[] {'x'}));
                xattrs.put("user.overlay.opaque", HexFormat.of().formatHex(new byte[] {'x'}));
            }
        }
        lines.put(path, line("folder", directory.metadata(), "", xattrs, path));
    }

    private void expectLeaf(String path, Leaf leaf, Sums sums) {
        Map<String, String> xattrs = xattrs(leaf.metadata());
        String first = firstNames.computeIfAbsent(leaf, any -> path);
        lines.put(
                path,
                switch (leaf) {
                    case RegularFile file ->
                        line(
                                "file",
                                file.metadata(),
                                file.content().size() + " " + sums.sha256(file.content()),
                                xattrs,
                                first);
                    case Symlink link -> line("link", link.metadata(), text(link.target()), xattrs, first);
                    case Fifo fifo -> line("fifo", fifo.metadata(), "", xattrs, first);
                    case Socket socket -> line("socket", socket.metadata(), "", xattrs, first);
                    case DeviceNode device
                    when device.isWhiteout() -> {
                        xattrs.put("trusted.overlay.whiteout", "");
                        xattrs.put("user.overlay.whiteout", "");
                        yield line("file", device.metadata(), "0 " + sum(new byte[0]), xattrs, first);
                    }
                    case DeviceNode device ->
                        line(
                                device.kind() == DeviceNode.Kind.BLOCK ? "block" : "character",
                                device.metadata(),
                                major(device.rdev()) + ":" + minor(device.rdev()),
                                xattrs,
                                first);
                });
    }

    /** What the kernel shows below a folder. */
    static SortedMap<String, String> actual(Path root) throws IOException {
        TreeListing listing = new TreeListing(new HashMap<>(), true);
        listing.read("/", root);
        return listing.lines;
    }

    private void read(String path, Path file) throws IOException {
        FileStatus status = FileStatus.of(file);
        Map<String, String> xattrs = new TreeMap<>();
        for (byte[] name : Xattrs.list(file)) {
            xattrs.put(
                    new String(name, StandardCharsets.ISO_8859_1),
                    HexFormat.of().formatHex(Xattrs.get(file, name).orElse(new byte[0])));
        }
        String type = switch (status.type()) {
            case FileStatus.TYPE_REGULAR -> "file";
            case FileStatus.TYPE_DIRECTORY -> "folder";
            case FileStatus.TYPE_SYMLINK -> "link";
            case FileStatus.TYPE_CHARACTER -> "character";
            case FileStatus.TYPE_BLOCK -> "block";
            case FileStatus.TYPE_FIFO -> "fifo";
            default -> "socket";
        };
        String content = switch (type) {
            case "file" -> status.size() + " " + sum(Files.readAllBytes(file));
            case "link" -> new String(SymbolicLinks.target(file), StandardCharsets.ISO_8859_1);
            case "character", "block" -> status.deviceMajor() + ":" + status.deviceMinor();
            default -> "";
        };
        String first = type.equals("folder")
                ? path
                : firstNames.computeIfAbsent(status.fileSystem() + ":" + status.inode(), any -> path);
        Metadata metadata = new Metadata(
                status.permissions(),
                status.uid(),
                status.gid(),
                new Timestamp(status.modifiedSeconds(), status.modifiedNanoseconds()),
                Map.of());
        lines.put(path, line(type, metadata, content, xattrs, first));
        if (type.equals("folder")) {
            List<Path> children = new ArrayList<>();
            try (DirectoryStream<Path> names = Files.newDirectoryStream(file)) {
                names.forEach(children::add);
            }
            // In our own order, so that the first name of an inode is the same on both sides.
            children.sort((a, b) -> Arrays.compareUnsigned(PathBytes.nameOf(a), PathBytes.nameOf(b)));
            for (Path child : children) {
                String name = new String(PathBytes.nameOf(child), StandardCharsets.ISO_8859_1);
                read((path.equals("/") ? "" : path) + "/" + name, child);
            }
        }
    }

    /** The first difference, in words. */
    static Optional<String> difference(SortedMap<String, String> expected, SortedMap<String, String> got) {
        SortedMap<String, String> all = new TreeMap<>(expected);
        all.putAll(got);
        return all.keySet().stream()
                .filter(path -> !expected.getOrDefault(path, "").equals(got.getOrDefault(path, "")))
                .findFirst()
                .map(path -> printable(path + ": got " + got.getOrDefault(path, "nothing") + ", expected "
                        + expected.getOrDefault(path, "nothing")));
    }

    private static String printable(String text) {
        String ascii = text.replaceAll("[^ -~]", "?");
        return ascii.length() <= MAX_SHOWN ? ascii : ascii.substring(0, MAX_SHOWN) + "…";
    }

    private String line(String type, Metadata metadata, String content, Map<String, String> xattrs, String first) {
        return type + " " + Integer.toOctalString(metadata.permissions()) + " " + metadata.uid() + ":" + metadata.gid()
                + " " + metadata.mtime().seconds() + "."
                + (nanoseconds ? metadata.mtime().nanos() : 0) + " " + content + " " + xattrs
                + " = " + first;
    }

    private static Map<String, String> xattrs(Metadata metadata) {
        Map<String, String> xattrs = new TreeMap<>();
        metadata.xattrs()
                .forEach((name, value) -> xattrs.put(text(name), HexFormat.of().formatHex(value.toByteArray())));
        return xattrs;
    }

    private static String text(ByteString bytes) {
        return new String(bytes.toByteArray(), StandardCharsets.ISO_8859_1);
    }

    static String sum(byte[] bytes) {
        return Digest.Algorithm.SHA256.of(bytes).hex();
    }

    /** Linux's 32 bits of a device number: twelve of the major, twenty of the minor, the latter's upper twelve on top. */
    private static long major(long rdev) {
        return (rdev >> 8) & 0xfff;
    }

    private static long minor(long rdev) {
        return (rdev & 0xff) | ((rdev >> 12) & 0xfff00);
    }
}
