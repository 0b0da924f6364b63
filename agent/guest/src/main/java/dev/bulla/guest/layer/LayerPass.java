package dev.bulla.guest.layer;

import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.oci.LayerStream;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.composefs.store.StagedFile;
import dev.bulla.composefs.store.StagedObject;
import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.DeviceNode;
import dev.bulla.composefs.tree.Fifo;
import dev.bulla.composefs.tree.FileContent;
import dev.bulla.composefs.tree.Metadata;
import dev.bulla.composefs.tree.RegularFile;
import dev.bulla.composefs.tree.Symlink;
import dev.bulla.oci.Digest;
import dev.bulla.oci.LayerMediaType.Compression;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** One layer on its way from compressed bytes to a tree and staged files. */
final class LayerPass {
    private static final int SET_ID_BITS = 06000;

    private final ObjectStore store;
    private final Path staging;
    private final LayerLimits limits;
    private final LayerBudget budget;
    private final ArchiveSink sink;
    private final KnownBodies known;
    private final List<StagedObject> objects = new ArrayList<>();
    private final Set<VerityDigest> staged = new HashSet<>();
    private final List<LayerEntry> entries = new ArrayList<>();
    private final StatsCounter stats = new StatsCounter();

    LayerPass(
            ObjectStore store,
            Path staging,
            LayerLimits limits,
            LayerBudget budget,
            ArchiveSink sink,
            KnownBodies known) {
        this.store = store;
        this.staging = staging;
        this.limits = limits;
        this.budget = budget.ofOneLayer();
        this.sink = sink;
        this.known = known;
    }

    /** Reads a layer whose bytes nobody has hashed. */
    UnpackedLayer run(InputStream layer, Compression compression, Digest diffId) throws IOException {
        return run(layer, compression, diffId, Optional.of(new DiffIdHash(diffId.algorithm())));
    }

    /** Reads a layer whose stream ends only when its bytes have the diff_id. */
    UnpackedLayer run(LayerStream layer, Digest diffId) throws IOException {
        return run(layer, Compression.NONE, diffId, Optional.empty());
    }

    private UnpackedLayer run(InputStream layer, Compression compression, Digest diffId, Optional<DiffIdHash> hash)
            throws IOException {
        CountingSource source = new CountingSource(layer);
        try (DecompressedStream in = DecompressedStream.open(source, compression)) {
            LayerBytes bytes = new LayerBytes(in, hash, limits, budget, sink);
            TarReader reader = new TarReader(bytes, limits);
            for (TarEntry entry = reader.next(); entry != null; entry = reader.next()) {
                limits.check(LayerLimit.LAYER_ENTRIES, ++stats.entries, "layer");
                budget.addEntry();
                entries.add(read(entry, reader, bytes));
            }
            bytes.requireDiffId(diffId);
            LayerStats counted = stats.stats(source.count(), bytes.total());
            return new UnpackedLayer(store, new LayerTree(entries), diffId, counted, objects);
        }
    }

    /** Deletes what was staged, and gives back what was used up of the image's limits. */
    void discard() throws IOException {
        budget.giveBack();
        UnpackedLayer.discard(objects);
    }

    private LayerEntry read(TarEntry entry, TarReader reader, LayerBytes bytes) throws IOException {
        stats.ignoredRecords += entry.ignoredRecords();
        ByteString path = EntryPath.normalized(entry.name(), limits);
        budget.addTree(
                (long) LayerBudget.ENTRY_BYTES + path.length() + entry.link().length());
        if (path.isEmpty() && entry.type() != TarType.DIRECTORY) {
            throw new EntryRefusedException(
                    entry.name(), "the root as a " + entry.type().words() + ", expected a directory");
        }
        Optional<LayerEntry> whiteout = Whiteouts.of(path, entry);
        if (whiteout.isPresent()) {
            stats.whiteouts++;
            return whiteout.orElseThrow();
        }
        return switch (entry.type()) {
            case FILE -> new LayerEntry.OfLeaf(path, file(entry, reader, bytes));
            case DIRECTORY -> {
                stats.directories++;
                yield new LayerEntry.OfDirectory(path, metadata(entry, entry.permissions()));
            }
            case SYMLINK -> new LayerEntry.OfLeaf(path, symlink(entry));
            case HARD_LINK -> {
                // Its metadata is the inode's, which the archive has already stated once.
                stats.hardLinks++;
                yield new LayerEntry.OfLink(path, EntryPath.ofLinkTarget(entry.link(), entry.name(), limits));
            }
            case CHARACTER -> new LayerEntry.OfLeaf(path, device(entry, DeviceNode.Kind.CHARACTER));
            case BLOCK -> new LayerEntry.OfLeaf(path, device(entry, DeviceNode.Kind.BLOCK));
            case FIFO -> {
                stats.fifos++;
                yield new LayerEntry.OfLeaf(path, new Fifo(metadata(entry, entry.permissions())));
            }
        };
    }

    private RegularFile file(TarEntry entry, TarReader reader, LayerBytes bytes) throws IOException {
        Metadata metadata = metadata(entry, entry.permissions());
        stats.files++;
        if ((metadata.permissions() & SET_ID_BITS) != 0) {
            stats.setIds++;
        }
        return new RegularFile(metadata, content(entry, reader, bytes));
    }

    private FileContent content(TarEntry entry, TarReader reader, LayerBytes bytes) throws IOException {
        if (entry.size() == 0) {
            return new FileContent.Empty();
        }
        if (entry.size() <= LayerUnpacker.INLINE_BYTES) {
            budget.addTree(entry.size());
            return new FileContent.Inline(reader.readBody());
        }
        limits.checkEntry(LayerLimit.LAYER_BYTES, entry.size(), entry.name());
        budget.addTree(LayerBudget.OBJECT_BYTES);
        Optional<VerityDigest> stored = known.find(bytes.bodyOffset(entry.header()), entry.size());
        if (stored.isPresent()) {
            reader.copyBody(OutputStream.nullOutputStream());
            sink.external(stored.orElseThrow(), entry.size());
            return FileContent.External.of(entry.size(), stored.orElseThrow());
        }
        try (StagedFile file = store.stage(staging)) {
            reader.copyBody(file);
            StagedObject object = file.finish();
            sink.external(object.digest(), object.size());
            if (staged.add(object.digest())) {
                objects.add(object);
                stats.objects++;
                stats.objectBytes += object.size();
            } else {
                object.discard();
            }
            return FileContent.External.of(object.size(), object.digest());
        }
    }

    private Symlink symlink(TarEntry entry) throws LayerException {
        ByteString target = entry.link();
        if (target.isEmpty() || target.length() > Symlink.MAX_TARGET) {
            throw new EntryRefusedException(
                    entry.name(),
                    "symbolic link with a target of " + target.length() + " bytes, expected 1 to "
                            + Symlink.MAX_TARGET);
        }
        stats.symlinks++;
        return new Symlink(metadata(entry, entry.permissions()), target);
    }

    private DeviceNode device(TarEntry entry, DeviceNode.Kind kind) throws LayerException {
        if (entry.major() > DeviceNumber.MAX_MAJOR || entry.minor() > DeviceNumber.MAX_MINOR) {
            throw new EntryRefusedException(
                    entry.name(),
                    "device " + entry.major() + ":" + entry.minor() + ", expected at most " + DeviceNumber.MAX_MAJOR
                            + ":" + DeviceNumber.MAX_MINOR);
        }
        DeviceNode device = new DeviceNode(
                metadata(entry, entry.permissions()), kind, DeviceNumber.of(entry.major(), entry.minor()));
        if (device.isWhiteout()) {
            throw new EntryRefusedException(
                    entry.name(), "character device 0:0, which overlayfs would take for a whiteout");
        }
        stats.devices++;
        return device;
    }

    private Metadata metadata(TarEntry entry, int permissions) throws LayerLimitException {
        KeptXattrs xattrs = KeptXattrs.of(entry.xattrs());
        limits.checkEntry(LayerLimit.XATTR_BYTES, xattrs.bytes(), entry.name());
        budget.addTree(xattrs.bytes() + (long) xattrs.kept().size() * LayerBudget.XATTR_BYTES);
        stats.droppedXattrs += xattrs.dropped();
        if (xattrs.hasCapability()) {
            stats.capabilities++;
        }
        return new Metadata(permissions, entry.uid(), entry.gid(), entry.mtime(), xattrs.kept());
    }
}
