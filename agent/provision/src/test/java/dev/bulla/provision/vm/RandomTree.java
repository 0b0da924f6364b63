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
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** A tree of every kind of file, made from a seed: the same seed gives the same tree on every machine. */
final class RandomTree {
    private static final int MAX_DEPTH = 4;
    private static final int CROWD = 700;
    private static final long MAX_ID = 0xffff_fffeL;
    private static final int MAX_INLINE = 64;
    private static final int MAX_V2_INLINE = 512;
    private static final int MAX_V2_TARGET = 1024;

    /** Sizes at and around what the format treats apart: blocks, tails of half a block, nothing. */
    private static final int[] SIZES = {0, 1, 63, 64, 65, 2047, 2048, 2049, 4095, 4096, 4097, 6144, 8192, 12_289, 70_001
    };

    private static final int[] TARGETS = {1, 20, 255, 1000, 2048, 3000, 4000, 4095};

    private final SplittableRandom random;
    private final Contents contents;
    private final boolean whiteouts;
    private final int maxInline;
    private final int maxTarget;
    private final List<Leaf> leaves = new ArrayList<>();

    /** Keeps what does not fit into an image. */
    @FunctionalInterface
    interface Contents {
        FileContent put(byte[] bytes) throws IOException;
    }

    private RandomTree(long seed, FormatVersion version, Contents contents) {
        this.random = new SplittableRandom(seed);
        this.contents = contents;
        // V2 has no marks for them: the kernel lists such a name and finds no file under it.
        this.whiteouts = version != FormatVersion.V2;
        this.maxInline = version == FormatVersion.V2 ? MAX_V2_INLINE : FileContent.Inline.MAX_SIZE;
        this.maxTarget = version == FormatVersion.V2 ? MAX_V2_TARGET : Symlink.MAX_TARGET;
    }

    /** A tree that this version of the format can hold. */
    static Directory of(long seed, FormatVersion version, Contents contents) throws IOException {
        RandomTree tree = new RandomTree(seed, version, contents);
        Directory root = tree.directory(0);
        tree.put(root, ByteString.utf8("crowd"), tree.crowd());
        // The format keeps these names of the root for itself, where they are free.
        tree.put(root, ByteString.utf8("00"), tree.leaf());
        tree.put(root, ByteString.utf8("ff"), tree.directory(MAX_DEPTH));
        return root;
    }

    private Directory directory(int depth) throws IOException {
        Directory directory = new Directory(metadata(true));
        int entries = random.nextInt(depth == 0 ? 20 : 12);
        for (int i = 0; i < entries; i++) {
            put(directory, name(), depth < MAX_DEPTH && random.nextInt(4) == 0 ? directory(depth + 1) : node());
        }
        return directory;
    }

    /** More names than a block has room for. */
    private Directory crowd() {
        Directory directory = new Directory(metadata(true));
        int entries = CROWD + random.nextInt(CROWD);
        for (int i = 0; i < entries; i++) {
            directory.put(
                    ByteString.utf8(Integer.toString(i, Character.MAX_RADIX) + "x".repeat(random.nextInt(30))),
                    new RegularFile(plain(), new FileContent.Empty()));
        }
        return directory;
    }

    private Node node() throws IOException {
        if (!leaves.isEmpty() && random.nextInt(6) == 0) {
            return new HardLink(leaves.get(random.nextInt(leaves.size())));
        }
        return leaf();
    }

    /** What is put in is there to stay, and may get further names. */
    private void put(Directory directory, ByteString name, Node node) {
        if (directory.get(name).isEmpty()) {
            directory.put(name, node);
            if (node instanceof Leaf leaf) {
                leaves.add(leaf);
            }
        }
    }

    private Leaf leaf() throws IOException {
        return switch (random.nextInt(12)) {
            case 0 -> new Symlink(metadata(false), bytes(Math.min(maxTarget, TARGETS[random.nextInt(TARGETS.length)])));
            case 1 -> new Fifo(metadata(false));
            case 2 -> new Socket(metadata(false));
            case 3 -> new DeviceNode(metadata(false), DeviceNode.Kind.CHARACTER, 1 + random.nextLong(0xffff_ffffL));
            case 4 -> new DeviceNode(metadata(false), DeviceNode.Kind.BLOCK, random.nextLong(0x1_0000_0000L));
            case 5 -> new DeviceNode(metadata(false), DeviceNode.Kind.CHARACTER, whiteouts ? 0 : 0x103);
            default -> new RegularFile(metadata(true), content(SIZES[random.nextInt(SIZES.length)]));
        };
    }

    private FileContent content(int size) throws IOException {
        if (size == 0) {
            return new FileContent.Empty();
        }
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        boolean inline = size <= MAX_INLINE || (size <= maxInline && random.nextInt(3) == 0);
        return inline ? new FileContent.Inline(bytes) : contents.put(bytes);
    }

    private ByteString name() {
        int length = random.nextInt(5) == 0 ? 200 + random.nextInt(56) : 1 + random.nextInt(24);
        byte[] name = bytes(length).toByteArray();
        ByteString result = ByteString.of(name);
        return Directory.isName(result) ? result : ByteString.utf8("dots");
    }

    /** Bytes that may stand in a name. */
    private ByteString bytes(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            int b = 1 + random.nextInt(255);
            bytes[i] = (byte) (b == '/' ? '_' : b);
        }
        return ByteString.of(bytes);
    }

    private Metadata plain() {
        return new Metadata(0644, 0, 0, new Timestamp(1_000_000_000, 0), Map.of());
    }

    private Metadata metadata(boolean regularOrFolder) {
        boolean common = random.nextInt(3) == 0;
        return new Metadata(
                random.nextInt(010000),
                common ? 0 : random.nextLong(MAX_ID),
                common ? 0 : random.nextLong(MAX_ID),
                common
                        ? new Timestamp(1_000_000_000, 0)
                        : new Timestamp(random.nextLong(0x2_0000_0000L), random.nextInt(1_000_000_000)),
                xattrs(regularOrFolder));
    }

    private Map<ByteString, ByteString> xattrs(boolean regularOrFolder) {
        Map<ByteString, ByteString> xattrs = new LinkedHashMap<>();
        int count = random.nextInt(3) == 0 ? random.nextInt(6) : 0;
        for (int i = 0; i < count; i++) {
            String prefix = switch (random.nextInt(4)) {
                case 0 -> "trusted.";
                case 1 -> "security.bulla.";
                case 2 -> regularOrFolder ? "trusted.overlay.bulla." : "trusted.bulla.";
                // The kernel has user attributes on regular files and folders alone.
                default -> regularOrFolder ? "user." : "trusted.user.";
            };
            String name = prefix + "n".repeat(1 + random.nextInt(random.nextInt(8) == 0 ? 200 : 10));
            xattrs.put(ByteString.utf8(name), value());
        }
        if (regularOrFolder && random.nextInt(12) == 0) {
            xattrs.put(ByteString.utf8("security.capability"), capability());
        }
        if (regularOrFolder && random.nextInt(12) == 0) {
            xattrs.put(ByteString.utf8("system.posix_acl_access"), accessList());
        }
        return xattrs;
    }

    /** Often one that other files have too: those are kept once. */
    private ByteString value() {
        return switch (random.nextInt(4)) {
            case 0 -> ByteString.EMPTY;
            case 1 -> bytes(1 + random.nextInt(30));
            case 2 -> bytes(random.nextInt(8) == 0 ? 3000 : 100);
            default -> ByteString.utf8("shared by many files");
        };
    }

    /** vfs_cap_data, version 2: cap_net_raw permitted and effective. */
    private static ByteString capability() {
        return ByteString.of(ByteBuffer.allocate(20)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(0x0200_0001)
                .putInt(1 << 13)
                .putInt(0)
                .putInt(0)
                .putInt(0)
                .array());
    }

    /** posix_acl_xattr, version 2: owner, user 1000, group, mask, others. */
    private static ByteString accessList() {
        ByteBuffer list =
                ByteBuffer.allocate(4 + 5 * 8).order(ByteOrder.LITTLE_ENDIAN).putInt(2);
        Map<Integer, Integer> owners = new HashMap<>(Map.of(0x02, 1000));
        for (int tag : new int[] {0x01, 0x02, 0x04, 0x10, 0x20}) {
            list.putShort((short) tag).putShort((short) 4).putInt(owners.getOrDefault(tag, -1));
        }
        return ByteString.of(list.array());
    }
}
