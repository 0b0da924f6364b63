package dev.bulla.guest.delta;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.composefs.tree.FileContent;
import dev.bulla.composefs.tree.HardLink;
import dev.bulla.composefs.tree.Leaf;
import dev.bulla.composefs.tree.RegularFile;
import dev.bulla.guest.layer.LayerLimit;
import dev.bulla.guest.layer.LayerLimits;
import dev.bulla.guest.layer.TarPart;
import dev.bulla.guest.layer.TarParts;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The archive that a delta and its tree make, part by part.
 *
 * <p><b>Security.</b> Nothing says that it is the archive that was meant: compare its diff_id.
 */
public final class DeltaParts implements TarParts {
    private static final int CHUNK = 64 << 10;

    private final DeltaInput in;
    private final long mostBytes;
    private final TreeOrder order;
    private final WrittenEntries written;
    private final Deque<TarPart> ready = new ArrayDeque<>();
    private byte @Nullable [] extension;
    private int next;
    private long run;
    private long bytesLeft;
    private long zerosLeft;
    private boolean ended;
    private long total;

    /**
     * Reads the beginning of a delta.
     *
     * @param delta the delta's parts
     * @param tree the tree for which it was made
     * @param limits bound the archive
     * @throws DeltaException when it is no delta
     */
    public DeltaParts(TarParts delta, Directory tree, LayerLimits limits) throws IOException {
        this.in = new DeltaInput(requireNonNull(delta, "delta is null"));
        this.mostBytes = limits.get(LayerLimit.LAYER_BYTES);
        this.order = new TreeOrder(requireNonNull(tree, "tree is null"));
        if (!ByteString.of(in.bytes(DeltaFormat.MAGIC.length())).equals(DeltaFormat.MAGIC)) {
            throw new DeltaException("does not begin as one of version 1");
        }
        int prefix = (int) in.number(DeltaFormat.MAX_PREFIX, "length of the names' prefix");
        this.written = new WrittenEntries(order, ByteString.of(in.bytes(prefix)));
    }

    @Override
    public @Nullable TarPart next() throws IOException {
        while (ready.isEmpty()) {
            if (run > 0) {
                run--;
                entry();
            } else if (bytesLeft > 0) {
                byte[] chunk = in.bytes((int) Math.min(bytesLeft, CHUNK));
                bytesLeft -= chunk.length;
                ready.add(new TarPart.Bytes(chunk));
            } else if (zerosLeft > 0) {
                byte[] chunk = new byte[(int) Math.min(zerosLeft, CHUNK)];
                zerosLeft -= chunk.length;
                ready.add(new TarPart.Bytes(chunk));
            } else if (ended) {
                return null;
            } else {
                instruction();
            }
        }
        TarPart part = ready.remove();
        total += part.size();
        if (total > mostBytes) {
            throw new DeltaException("an archive of more than " + mostBytes + " bytes");
        }
        return part;
    }

    private void instruction() throws IOException {
        int code = in.next();
        if (extension != null && code != DeltaFormat.ENTRIES) {
            throw new DeltaException("headers without the entry they belong to");
        }
        switch (code) {
            case DeltaFormat.END -> {
                zerosLeft = in.number(mostBytes, "number of zeros");
                in.end();
                ended = true;
            }
            case DeltaFormat.ENTRIES -> run = in.number(order.size() - next, "number of entries");
            case DeltaFormat.SEEK -> {
                long coded = in.number(2L * order.size() + 1, "distance");
                long number = next + ((coded >>> 1) ^ -(coded & 1));
                if (number < 0 || number > order.size()) {
                    throw new DeltaException(
                            "node " + number + ", expected one of the " + order.size() + " in the tree");
                }
                next = (int) number;
            }
            case DeltaFormat.CHANGES -> changes();
            case DeltaFormat.EXTENSION ->
                extension = in.bytes((int) in.number(DeltaFormat.MAX_EXTENSION, "length of headers"));
            case DeltaFormat.BYTES -> bytesLeft = in.number(mostBytes, "number of bytes");
            case DeltaFormat.OBJECT -> ready.add(in.object(in.number(mostBytes, "size of an object")));
            default -> throw new DeltaException("unknown instruction " + code);
        }
    }

    private void changes() throws IOException {
        int type = (int) in.number(0xff, "type of entry");
        int count = (int) in.number(CanonicalHeaders.BLOCK, "number of changes");
        List<HeaderChanges.Change> changes = new ArrayList<>();
        int end = 0;
        for (int i = 0; i < count; i++) {
            int offset = (int) in.number(CanonicalHeaders.BLOCK, "offset of a change");
            int length = (int) in.number(CanonicalHeaders.BLOCK, "length of a change");
            if (offset < end || length == 0 || offset + length > CanonicalHeaders.BLOCK) {
                throw new DeltaException("change of " + length + " bytes at " + offset
                        + " of a header, expected one at " + end + " or behind and within " + CanonicalHeaders.BLOCK);
            }
            changes.add(new HeaderChanges.Change(offset, ByteString.of(in.bytes(length))));
            end = offset + length;
        }
        written.setChanges(type, new HeaderChanges(changes));
    }

    private void entry() throws DeltaException {
        int number = next++;
        CanonicalHeaders canonical = written.canonical(number);
        byte @Nullable [] own = extension;
        extension = null;
        byte[] before = own == null ? canonical.extension() : own;
        if (before.length > 0) {
            ready.add(new TarPart.Bytes(before));
        }
        int type = canonical.header()[CanonicalHeaders.TYPE];
        ready.add(new TarPart.Bytes(written.changes(type).apply(canonical.header())));
        Optional<FileContent> content = written.isLink(number) ? Optional.empty() : content(number);
        if (content.isPresent() && content.get().size() > 0) {
            ready.add(body(content.get(), number));
            int padding = CanonicalHeaders.padding(content.get().size());
            if (padding > 0) {
                ready.add(new TarPart.Bytes(new byte[padding]));
            }
        }
        written.add(number);
    }

    private Optional<FileContent> content(int number) {
        return switch (order.node(number)) {
            case RegularFile file -> Optional.of(file.content());
            case HardLink link when link.target() instanceof RegularFile file -> Optional.of(file.content());
            case Directory _, Leaf _, HardLink _ -> Optional.empty();
        };
    }

    private TarPart body(FileContent content, int number) throws DeltaException {
        return switch (content) {
            case FileContent.Empty _ -> new TarPart.Bytes(new byte[0]);
            case FileContent.Inline inline -> new TarPart.Bytes(inline.bytes().toByteArray());
            case FileContent.External external ->
                new TarPart.Body(
                        external.digest()
                                .orElseThrow(() -> new DeltaException(
                                        "node " + number + " of the tree has no digest of its content")),
                        external.size());
        };
    }
}
