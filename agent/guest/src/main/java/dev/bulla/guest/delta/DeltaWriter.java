package dev.bulla.guest.delta;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.composefs.tree.FileContent;
import dev.bulla.composefs.tree.HardLink;
import dev.bulla.composefs.tree.Leaf;
import dev.bulla.composefs.tree.Node;
import dev.bulla.composefs.tree.RegularFile;
import dev.bulla.composefs.tree.Socket;
import dev.bulla.guest.layer.LayerLimits;
import dev.bulla.guest.layer.TarPart;
import dev.bulla.guest.layer.TarParts;
import dev.bulla.guest.layer.TarPiece;
import dev.bulla.guest.layer.TarPieces;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Makes the delta of an archive and a tree: what the tree says is left out, and what it does not say stands as it is. Whatever
 * is not as expected costs bytes, never correctness.
 */
public final class DeltaWriter {
    private final DeltaSink out;
    private final TreeOrder order;
    private final TreeOrder.Lookup lookup;
    private final WrittenEntries written;
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
    private int next;
    private long run;

    private DeltaWriter(Directory tree, ByteString prefix, DeltaSink out) {
        this.out = out;
        this.order = new TreeOrder(tree);
        this.lookup = order.lookup();
        this.written = new WrittenEntries(order, prefix);
    }

    /**
     * Writes the delta of an archive.
     *
     * @param archive the archive, as a pull would take it
     * @param tree the tree that whoever rebuilds the archive will have, for example an image's
     * @param limits those of the pull
     * @param out takes the delta
     */
    public static void write(TarParts archive, Directory tree, LayerLimits limits, DeltaSink out) throws IOException {
        TarPieces pieces = new TarPieces(archive, limits);
        List<TarPiece> first = firstPieces(pieces);
        ByteString prefix =
                first.isEmpty() ? ByteString.EMPTY : prefix(first.getLast().name());
        DeltaWriter writer = new DeltaWriter(requireNonNull(tree, "tree is null"), prefix, out);
        DeltaFormat.MAGIC.writeTo(writer.pending);
        writer.bytes(prefix.toByteArray());
        for (TarPiece piece : first) {
            writer.add(piece);
        }
        for (TarPiece piece = pieces.next(); piece != null; piece = pieces.next()) {
            writer.add(piece);
        }
        writer.end(pieces.tail(), pieces.zeros());
    }

    /** Two entries: the root is often called otherwise than all that follows it. */
    private static List<TarPiece> firstPieces(TarPieces pieces) throws IOException {
        List<TarPiece> first = new ArrayList<>();
        for (TarPiece piece = pieces.next(); piece != null; piece = pieces.next()) {
            first.add(piece);
            if (first.size() == 2) {
                break;
            }
        }
        return first;
    }

    private static ByteString prefix(ByteString name) {
        for (String prefix : List.of("./", "/")) {
            if (name.startsWith(ByteString.utf8(prefix))) {
                return ByteString.utf8(prefix);
            }
        }
        return ByteString.EMPTY;
    }

    private void add(TarPiece piece) throws IOException {
        int number = lookup.find(piece.path());
        if (number < 0 || !isZeros(piece.padding()) || !hasExpectedBody(number, piece)) {
            literal(piece);
            return;
        }
        CanonicalHeaders canonical = written.canonical(number);
        int type = canonical.header()[CanonicalHeaders.TYPE];
        int actual = piece.header()[CanonicalHeaders.TYPE];
        if (actual != type && actual != 0) { // the old format has 0 for a file
            literal(piece);
            return;
        }
        HeaderChanges changes = HeaderChanges.between(canonical.header(), piece.header());
        boolean usual = changes.equals(written.changes(type));
        if ((!usual && !changes.isSmall()) || piece.extension().length > DeltaFormat.MAX_EXTENSION) {
            literal(piece);
            return;
        }
        if (number != next) {
            endRun();
            instruction(DeltaFormat.SEEK);
            int distance = number - next;
            number(((long) distance << 1) ^ (distance >> 31));
        }
        if (!usual) {
            endRun();
            change(type, changes);
        }
        if (!Arrays.equals(piece.extension(), canonical.extension())) {
            endRun();
            instruction(DeltaFormat.EXTENSION);
            bytes(piece.extension());
        }
        written.add(number);
        run++;
        next = number + 1;
    }

    /** Whether the entry's body is what the node at its path says. */
    private boolean hasExpectedBody(int number, TarPiece piece) {
        Node node = order.node(number);
        Leaf leaf = switch (node) {
            case Directory _ -> null;
            case HardLink link -> link.target();
            case Leaf inode -> inode;
        };
        if (leaf instanceof Socket) {
            return false;
        }
        if (!(leaf instanceof RegularFile file) || written.isLink(number)) {
            return piece.body().isEmpty();
        }
        return switch (file.content()) {
            case FileContent.Empty _ -> piece.body().isEmpty();
            case FileContent.Inline inline ->
                piece.body().size() == 1
                        && piece.body().getFirst() instanceof TarPart.Bytes part
                        && inline.bytes().equals(ByteString.of(part.bytes()))
                        && fills(piece);
            case FileContent.External external ->
                piece.body().size() == 1
                        && piece.body().getFirst() instanceof TarPart.Body body
                        && body.size() == external.size()
                        && external.digest().filter(body.digest()::equals).isPresent()
                        && fills(piece);
        };
    }

    private static boolean fills(TarPiece piece) {
        return piece.padding().length
                == CanonicalHeaders.padding(piece.body().getFirst().size());
    }

    private static boolean isZeros(byte[] padding) {
        for (byte b : padding) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    private void literal(TarPiece piece) throws IOException {
        endRun();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(piece.extension());
        bytes.writeBytes(piece.header());
        for (TarPart part : piece.body()) {
            switch (part) {
                case TarPart.Bytes inline -> bytes.writeBytes(inline.bytes());
                case TarPart.Body body -> {
                    literal(bytes);
                    instruction(DeltaFormat.OBJECT);
                    number(body.size());
                    flush();
                    out.object(body.digest(), body.size());
                }
            }
        }
        bytes.writeBytes(piece.padding());
        literal(bytes);
    }

    private void literal(ByteArrayOutputStream bytes) throws IOException {
        if (bytes.size() > 0) {
            instruction(DeltaFormat.BYTES);
            bytes(bytes.toByteArray());
            bytes.reset();
        }
    }

    private void change(int type, HeaderChanges changes) throws IOException {
        written.setChanges(type, changes);
        instruction(DeltaFormat.CHANGES);
        number(type);
        number(changes.changes().size());
        for (HeaderChanges.Change change : changes.changes()) {
            number(change.offset());
            bytes(change.bytes().toByteArray());
        }
    }

    private void end(byte[] tail, long zeros) throws IOException {
        endRun();
        if (tail.length > 0) {
            instruction(DeltaFormat.BYTES);
            bytes(tail);
        }
        instruction(DeltaFormat.END);
        number(zeros);
        flush();
    }

    private void endRun() throws IOException {
        if (run > 0) {
            instruction(DeltaFormat.ENTRIES);
            number(run);
            run = 0;
        }
    }

    private void instruction(int code) throws IOException {
        if (pending.size() >= 64 << 10) {
            flush();
        }
        pending.write(code);
    }

    private void number(long value) {
        long rest = value;
        while (rest >>> 7 != 0) {
            pending.write((int) ((rest & 0x7f) | 0x80));
            rest >>>= 7;
        }
        pending.write((int) rest);
    }

    private void bytes(byte[] bytes) {
        number(bytes.length);
        pending.writeBytes(bytes);
    }

    private void flush() throws IOException {
        if (pending.size() > 0) {
            out.bytes(pending.toByteArray());
            pending.reset();
        }
    }
}
