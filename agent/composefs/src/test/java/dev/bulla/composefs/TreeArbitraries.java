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
import dev.bulla.composefs.tree.RegularFile;
import dev.bulla.composefs.tree.Socket;
import dev.bulla.composefs.tree.Symlink;
import dev.bulla.composefs.tree.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;

/** Trees of every kind of node, names of any bytes, and sizes around the format's edges; each from a seed. */
final class TreeArbitraries {
    private static final List<String> XATTRS = List.of(
            "user.a",
            "user.overlay.opaque",
            "security.selinux",
            "trusted.x",
            "trusted.overlay.redirect",
            "system.posix_acl_access",
            "odd",
            "lustre.lov");
    private static final int[] SIZES = {1, 64, 2047, 2048, 2049, 4095, 4096, 4097, 5000};
    private static final long[] FILE_SIZES = {1, 4096, 4097, 0xffff_ffffL, 1L << 32, 1L << 52, 1L << 53};

    private TreeArbitraries() {}

    static Directory tree(long seed, boolean v2) {
        return new Maker(new Random(seed), v2).tree();
    }

    static Arbitrary<Directory> trees() {
        return Arbitraries.longs().map(seed -> tree(seed, false));
    }

    /** Trees that V2 has room for: short contents and links, and no whiteout of two names. */
    static Arbitrary<Directory> treesOfV2() {
        return Arbitraries.longs().map(seed -> tree(seed, true));
    }

    private record Maker(Random random, boolean v2) {
        Directory tree() {
            Directory root = new Directory(metadata());
            List<Directory> directories = new ArrayList<>(List.of(root));
            List<Leaf> leaves = new ArrayList<>();
            int count = random.nextInt(60);
            for (int i = 0; i < count; i++) {
                Directory parent = directories.get(random.nextInt(directories.size()));
                ByteString name = name();
                if (!Directory.isName(name) || parent.get(name).isPresent()) {
                    continue;
                }
                int kind = random.nextInt(10);
                if (kind < 2) {
                    Directory directory = new Directory(metadata());
                    parent.put(name, directory);
                    directories.add(directory);
                } else if (kind == 2 && !leaves.isEmpty()) {
                    Leaf target = leaves.get(random.nextInt(leaves.size()));
                    if (!v2 || !(target instanceof DeviceNode device && device.isWhiteout())) {
                        parent.put(name, new HardLink(target));
                    }
                } else {
                    Leaf leaf = leaf(kind);
                    parent.put(name, leaf);
                    leaves.add(leaf);
                }
            }
            return root;
        }

        private Leaf leaf(int kind) {
            return switch (kind) {
                case 3 ->
                    new Symlink(
                            metadata(), text(random.nextInt(10) == 0 ? (v2 ? 1024 : 4095) : 1 + random.nextInt(60)));
                case 4 ->
                    new RegularFile(
                            metadata(),
                            new FileContent.Inline(
                                    bytes(v2 ? 1 + random.nextInt(512) : SIZES[random.nextInt(SIZES.length)])));
                case 5 ->
                    new DeviceNode(
                            metadata(), DeviceNode.Kind.CHARACTER, random.nextBoolean() ? 0 : random.nextInt(9999));
                case 6 -> random.nextBoolean() ? new Fifo(metadata()) : new Socket(metadata());
                case 7 -> new RegularFile(metadata(), new FileContent.Empty(), Claims.ofLinks(random.nextInt(99_999)));
                default -> {
                    VerityAlgorithm algorithm =
                            random.nextBoolean() ? VerityAlgorithm.SHA256_4K : VerityAlgorithm.SHA512_4K;
                    byte[] value = new byte[algorithm.length()];
                    random.nextBytes(value);
                    long size = FILE_SIZES[random.nextInt(FILE_SIZES.length)];
                    VerityDigest digest = VerityDigest.fromBytes(algorithm, value);
                    yield new RegularFile(
                            metadata(),
                            random.nextInt(4) == 0
                                    ? new FileContent.External(size, Optional.empty(), text(random.nextInt(9)))
                                    : FileContent.External.of(size, digest));
                }
            };
        }

        private Metadata metadata() {
            Map<ByteString, ByteString> xattrs = new TreeMap<>();
            for (int i = random.nextInt(4); i > 0; i--) {
                String name = XATTRS.get(random.nextInt(XATTRS.size()));
                xattrs.put(ByteString.utf8(name), bytes(random.nextInt(12)));
            }
            return new Metadata(
                    random.nextInt(010000),
                    random.nextBoolean() ? 0 : random.nextInt(100_000),
                    0xffff_ffffL & random.nextInt(3) - 1,
                    new Timestamp(random.nextInt(3) - 1, random.nextInt(2)),
                    xattrs);
        }

        private ByteString name() {
            return random.nextInt(3) == 0 ? text(1 + random.nextInt(255)) : bytes(1 + random.nextInt(3));
        }

        private ByteString bytes(int length) {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            return ByteString.of(bytes);
        }

        private ByteString text(int length) {
            byte[] bytes = new byte[length];
            for (int i = 0; i < length; i++) {
                bytes[i] = (byte) "abc-=\\ .\n\u007f".charAt(random.nextInt(10));
            }
            return ByteString.of(bytes);
        }
    }
}
