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
import dev.bulla.oci.Quoted;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a composefs image back into the tree it was made of: the attributes and devices that are there for overlayfs are
 * taken away, escaped ones get their names back. Of several names of one inode that one becomes its place where the image's
 * order of inodes has it, so the tree makes the same image again; where the order leaves a choice, the first in the order of
 * a dump, as for {@code composefs-info}.
 *
 * <p>Reads formats V0, V1 and V2. What is only attributes for overlayfs of the tree's own (an opaque mark beside a whiteout)
 * stays. In V2 an inode's place is its first name in the order of a dump.
 *
 * <p><b>Security.</b> For images that nobody vouches for: every position is checked, unknown features are refused, an inode
 * is read once, and all that is read together is no more than the image.
 */
public final class ErofsImageReader {
    /** A directory whose entries have not been read. */
    private record Open(Directory directory, StoredInode inode, long parent) {}

    /** Where a node was put. */
    private record Place(Directory directory, ByteString name, Node node, long inode) {
        Leaf leaf() {
            return switch (node) {
                case Leaf leaf -> leaf;
                case HardLink link -> link.target();
                case Directory folder -> throw new IllegalStateException("a directory has one place");
            };
        }
    }

    /** A name of an inode that stands further on. */
    private record Early(Directory directory, ByteString name, StoredInode inode) {}

    private final ImageBytes image;
    private final ImageHeader header;
    private final boolean depthFirst;
    private final StoredXattrs xattrs;
    private final Map<Long, Leaf> leaves = new HashMap<>();
    private final Set<Long> directories = new HashSet<>();
    /** The directories that are marked as having whiteouts, by identity. */
    private final Set<Directory> withWhiteouts = Collections.newSetFromMap(new IdentityHashMap<>());

    private final Map<Long, StoredInode> seen = new HashMap<>();
    private final List<Early> early = new ArrayList<>();
    private final Deque<Open> open = new ArrayDeque<>();
    private long nextSerial = 1;

    /**
     * The inode that was given a place last. While no other is, one more name of it might as well be its place: the image
     * is the same.
     */
    private @Nullable Place newest;

    /** In V2, where inodes of several names were met first. */
    private final Map<Long, Place> firstPlaces = new HashMap<>();

    private final IdentityHashMap<Leaf, List<Place>> rivals = new IdentityHashMap<>();

    private ErofsImageReader(ImageBytes image) throws IOException {
        this.image = image;
        this.header = ImageHeader.read(image);
        this.depthFirst = header.version().isDepthFirst();
        this.xattrs = new StoredXattrs(image, header);
    }

    /**
     * Reads an image.
     *
     * @throws ImageFormatException when it is malformed, or of a format or with features that are not known
     */
    public static Directory read(Path image) throws IOException {
        return read(image, Set.of());
    }

    /**
     * Reads a part of an image.
     *
     * @param topLevel the names in the root to read; empty for all
     * @throws ImageFormatException when it is malformed, or of a format or with features that are not known
     */
    public static Directory read(Path image, Set<ByteString> topLevel) throws IOException {
        try (FileChannel file = FileChannel.open(image, StandardOpenOption.READ)) {
            return new ErofsImageReader(ImageBytes.of(file)).tree(topLevel);
        }
    }

    /** Reads an image, and says its format too. */
    static ErofsImage readImage(Path image) throws IOException {
        try (FileChannel file = FileChannel.open(image, StandardOpenOption.READ)) {
            ErofsImageReader reader = new ErofsImageReader(ImageBytes.of(file));
            return new ErofsImage(reader.tree(Set.of()), reader.header.version());
        }
    }

    /**
     * Reads an image in memory.
     *
     * @throws ImageFormatException when it is malformed, or of a format or with features that are not known
     */
    public static Directory read(byte[] image) throws IOException {
        return new ErofsImageReader(ImageBytes.of(image)).tree(Set.of());
    }

    private Directory tree(Set<ByteString> topLevel) throws IOException {
        StoredInode inode = StoredInode.read(image, header, header.rootNumber());
        if (inode.type() != FileType.DIRECTORY) {
            throw inode.refuse("the root is no directory");
        }
        Directory root = directory(inode, inode.number());
        Set<ByteString> wanted = topLevel;
        while (!open.isEmpty()) {
            Open folder = open.remove();
            for (StoredDirent entry : StoredDirent.readAll(image, folder.inode, folder.parent)) {
                if (wanted.isEmpty() || wanted.contains(entry.name())) {
                    add(folder.directory, entry);
                }
            }
            wanted = Set.of();
        }
        for (Early early : early) {
            Leaf leaf = leaves.get(early.inode.number());
            put(early.directory, early.name, leaf == null ? leaf(early.inode) : new HardLink(leaf));
        }
        settleRivals(root);
        return root;
    }

    private void add(Directory directory, StoredDirent entry) throws IOException {
        Leaf known = leaves.get(entry.inode());
        if (known != null) {
            HardLink link = new HardLink(known);
            put(directory, entry.name(), link);
            Place place = depthFirst ? firstPlaces.get(entry.inode()) : newest;
            if (place != null && place.inode == entry.inode()) {
                rivals.computeIfAbsent(known, leaf -> new ArrayList<>(List.of(place)))
                        .add(new Place(directory, entry.name(), link, entry.inode()));
            } else if (depthFirst) {
                throw new ImageFormatException("inode " + entry.inode() + ": more names than the one link it states");
            }
            return;
        }
        StoredInode inode = seen.get(entry.inode());
        if (inode == null) {
            inode = StoredInode.read(image, header, entry.inode());
        }
        if (inode.type().direntType() != entry.type()) {
            throw inode.refuse("named as type " + entry.type() + " by "
                    + Quoted.text(entry.name().toString()) + ", expected "
                    + inode.type().direntType());
        }
        boolean empty = inode.type() == FileType.CHARACTER && inode.union() == 0;
        if (empty && inode.links() > 1) {
            throw inode.refuse("an empty device with " + inode.links() + " links");
        }
        boolean stub = empty && !depthFirst;
        if (!depthFirst && inode.serial() > nextSerial && inode.type() != FileType.DIRECTORY && !stub) {
            // It stands further on: this is one more name of it.
            seen.put(entry.inode(), inode);
            early.add(new Early(directory, entry.name(), inode));
            return;
        }
        nextSerial = inode.serial() + 1;
        if (inode.type() == FileType.DIRECTORY) {
            directory.put(entry.name(), directory(inode, entry.parent()));
            newest = null;
        } else if (stub) {
            newest = null;
        } else {
            Leaf leaf = leaf(inode);
            put(directory, entry.name(), leaf);
            newest = new Place(directory, entry.name(), leaf, entry.inode());
            if (depthFirst && inode.links() > 1) {
                firstPlaces.put(entry.inode(), newest);
            }
        }
    }

    /** Of the places that an inode may have had, lets it stand in the first in the order of a dump. */
    private void settleRivals(Directory root) throws IOException {
        if (rivals.isEmpty()) {
            return;
        }
        IdentityHashMap<Node, Place> places = new IdentityHashMap<>();
        IdentityHashMap<Directory, Integer> whiteouts = new IdentityHashMap<>();
        rivals.values().forEach(list -> candidates(list, whiteouts).forEach(place -> places.put(place.node, place)));
        List<Place> firsts = new ArrayList<>();
        IdentityHashMap<Leaf, Boolean> settled = new IdentityHashMap<>();
        TreeWalk.preOrder(root, (path, node) -> {
            Place place = places.get(node);
            if (place != null && settled.put(place.leaf(), Boolean.TRUE) == null) {
                firsts.add(place);
            }
        });
        for (Place first : firsts) {
            Leaf leaf = first.leaf();
            List<Place> all = rivals.get(leaf);
            if (all != null) {
                Place now = all.getFirst();
                put(now.directory, now.name, new HardLink(leaf));
                put(first.directory, first.name, leaf);
            }
        }
    }

    /**
     * The places that an inode may have had. Where a whiteout stands its directory is marked, and where it is only linked
     * it need not be: so a marked directory without another whiteout is the place, and else any that is marked.
     *
     * @param whiteouts counts the whiteouts of a directory, to be kept from call to call
     */
    private List<Place> candidates(List<Place> places, IdentityHashMap<Directory, Integer> whiteouts) {
        Place now = places.getFirst();
        if (depthFirst || !isWhiteout(now.node)) {
            return places;
        }
        List<Place> marked = places.stream()
                .filter(place -> withWhiteouts.contains(place.directory))
                .toList();
        List<Place> only = marked.stream()
                .filter(place -> whiteouts.computeIfAbsent(place.directory, ErofsImageReader::whiteouts)
                        == (place.directory == now.directory ? 1 : 0))
                .toList();
        return only.isEmpty() ? marked : only;
    }

    private static int whiteouts(Directory directory) {
        return (int) directory.children().values().stream()
                .filter(ErofsImageReader::isWhiteout)
                .count();
    }

    private static boolean isWhiteout(Node node) {
        return node instanceof DeviceNode device && device.isWhiteout();
    }

    private static void put(Directory directory, ByteString name, Node node) {
        directory.put(name, node);
    }

    private Directory directory(StoredInode inode, long parent) throws IOException {
        if (!directories.add(inode.number())) {
            throw inode.refuse("a directory with two names");
        }
        StoredXattrs.Meaning meaning = xattrs.read(inode);
        Directory directory = new Directory(metadata(inode, meaning));
        if (meaning.whiteouts()) {
            withWhiteouts.add(directory);
        }
        directory.setClaims(new Claims(OptionalLong.of(inode.links()), inode.size()));
        open.add(new Open(directory, inode, parent));
        return directory;
    }

    private static Metadata metadata(StoredInode inode, StoredXattrs.Meaning meaning) {
        return new Metadata(inode.permissions(), inode.uid(), inode.gid(), inode.mtime(), meaning.own());
    }

    private Leaf leaf(StoredInode inode) throws IOException {
        StoredXattrs.Meaning meaning = xattrs.read(inode);
        Metadata metadata = metadata(inode, meaning);
        Claims claims = Claims.ofLinks(inode.links());
        Leaf leaf = leaf(inode, meaning, metadata, claims);
        leaves.put(inode.number(), leaf);
        return leaf;
    }

    private Leaf leaf(StoredInode inode, StoredXattrs.Meaning meaning, Metadata metadata, Claims claims)
            throws IOException {
        return switch (inode.type()) {
            case REGULAR ->
                meaning.whiteout()
                        ? new DeviceNode(metadata, DeviceNode.Kind.CHARACTER, 0, claims)
                        : new RegularFile(metadata, content(inode, meaning), claims);
            case SYMLINK -> new Symlink(metadata, target(inode), claims);
            case CHARACTER -> new DeviceNode(metadata, DeviceNode.Kind.CHARACTER, inode.union(), claims);
            case BLOCK -> new DeviceNode(metadata, DeviceNode.Kind.BLOCK, inode.union(), claims);
            case FIFO -> new Fifo(metadata, claims);
            case SOCKET -> new Socket(metadata, claims);
            case DIRECTORY -> throw new IllegalStateException("a directory is no leaf");
        };
    }

    private ByteString target(StoredInode inode) throws IOException {
        int limit = depthFirst ? ErofsFormat.MAX_V2_TARGET : Symlink.MAX_TARGET;
        ByteString target = ByteString.of(inode.data(image, limit));
        if (target.isEmpty() || target.indexOf(0) >= 0) {
            throw inode.refuse("a symlink's target that is empty or has a NUL");
        }
        return target;
    }

    private FileContent content(StoredInode inode, StoredXattrs.Meaning meaning) throws IOException {
        if (inode.size() == 0) {
            return new FileContent.Empty();
        }
        if (inode.isFlat()) {
            int limit = depthFirst ? ErofsFormat.MAX_V2_INLINE : FileContent.Inline.MAX_SIZE;
            return new FileContent.Inline(inode.data(image, limit));
        }
        if (inode.layout() != ErofsFormat.LAYOUT_CHUNK_BASED) {
            throw inode.refuse("data layout " + inode.layout() + ", expected flat or chunks");
        }
        ByteString payload = meaning.payload().orElse(ByteString.EMPTY);
        int chunkFormat =
                depthFirst ? ErofsFormat.V2_CHUNK_FORMAT : ErofsFormat.chunkBits(inode.size()) - ErofsFormat.BLOCK_BITS;
        if (inode.size() > FileContent.External.MAX_SIZE
                || chunkFormat != (inode.union() & 0xffff)
                || payload.length() > FileContent.External.MAX_PAYLOAD) {
            throw inode.refuse("a file of " + inode.size() + " bytes, chunk format " + (inode.union() & 0xffff)
                    + " and a payload of " + payload.length() + " bytes");
        }
        return new FileContent.External(inode.size(), meaning.digest(), payload);
    }
}
