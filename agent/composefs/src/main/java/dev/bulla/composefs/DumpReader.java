package dev.bulla.composefs;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.Claims;
import dev.bulla.composefs.tree.DeviceNode;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.composefs.tree.Fifo;
import dev.bulla.composefs.tree.FileContent;
import dev.bulla.composefs.tree.Leaf;
import dev.bulla.composefs.tree.Metadata;
import dev.bulla.composefs.tree.RegularFile;
import dev.bulla.composefs.tree.Socket;
import dev.bulla.composefs.tree.Symlink;
import dev.bulla.composefs.tree.Timestamp;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Reads a dump, the text form of a tree: a line an inode, {@code PATH SIZE MODE NLINK UID GID RDEV MTIME PAYLOAD CONTENT
 * DIGEST [KEY=VALUE]...}, the root first and parents before children.
 *
 * <p>Follows composefs-dump(5), and where that is silent what {@code mkcomposefs} takes and refuses. Beyond it: a digest may
 * have 128 digits (sha512), one that would be used must be well formed, and a hard link to a directory is refused. The
 * input is read a line at a time; memory grows with the tree.
 *
 * @param strict what {@code CFS_PARSE_STRICT} asks for: the last line ends too, a symbolic link states its length and no
 *     content, and only devices have a device number
 */
public record DumpReader(boolean strict) {
    /** The longest line, in bytes. No field that is taken comes near, but a path may be deep. */
    public static final int MAX_LINE = 1 << 20;

    private static final int BUFFER = 1 << 16;
    private static final int PERMISSION_BITS = 07777;
    private static final long LOW_32 = 0xffff_ffffL;

    /** A reader that is not strict. */
    public DumpReader() {
        this(false);
    }

    /**
     * Reads a dump to its end; does not close it.
     *
     * @return the root of the tree
     * @throws DumpFormatException when it is malformed, with the line's number
     */
    public Directory read(InputStream in) throws IOException {
        DumpTree tree = new DumpTree();
        DumpMetadata known = new DumpMetadata();
        DumpLine line = new DumpLine();
        byte[] buffer = new byte[BUFFER];
        int used = 0; // of the buffer; a line starts at its beginning
        long number = 1;
        int got;
        while ((got = in.read(buffer, used, buffer.length - used)) >= 0) {
            int end = used + got;
            int start = 0;
            for (int at = used; at < end; at++) {
                if (buffer[at] == '\n') {
                    requireLength(at - start, number);
                    add(tree, line.set(buffer, start, at, number), known);
                    number++;
                    start = at + 1;
                }
            }
            used = end - start;
            requireLength(used, number);
            if (start > 0) {
                System.arraycopy(buffer, start, buffer, 0, used);
            } else if (used == buffer.length) {
                buffer = Arrays.copyOf(buffer, Math.min(MAX_LINE + 1, used * 2));
            }
        }
        if (used > 0) {
            if (strict) {
                throw new DumpFormatException(number, "missing trailing newline");
            }
            add(tree, line.set(buffer, 0, used, number), known);
        }
        return tree.finish();
    }

    private static void requireLength(int length, long number) throws DumpFormatException {
        if (length > MAX_LINE) {
            throw new DumpFormatException(number, "longer than the limit of " + MAX_LINE + " bytes");
        }
    }

    private void add(DumpTree tree, DumpLine line, DumpMetadata known) throws DumpFormatException {
        DumpPath path = line.path();
        if (path.isEmpty()) {
            throw line.refuse("empty path");
        }
        int mode = line.mode();
        Optional<FileType> type = FileType.ofMode(mode);
        if (type.isEmpty()) {
            throw line.refuse(String.format(Locale.ROOT, "invalid mode %o: no file type", mode));
        }
        if (line.isHardLink()) {
            if (type.get() == FileType.DIRECTORY) {
                throw line.refuse("directories can't be hard linked");
            }
            tree.addHardLink(line, path, line.optionalText(DumpField.PAYLOAD).map(DumpLine::untilNul));
        } else if (type.get() == FileType.DIRECTORY) {
            tree.addDirectory(line, path, new Entry(line, FileType.DIRECTORY, mode, known).directory());
        } else {
            tree.addLeaf(line, path, new Entry(line, type.get(), mode, known).leaf());
        }
    }

    /** A line's fields, read and checked in the order in which the format's own tool checks them. */
    private final class Entry {
        private final DumpLine line;
        private final FileType type;
        private final long size;
        private final long links;
        private final long rdev;
        private final Metadata metadata;
        private final Optional<ByteString> payload;
        private final Optional<ByteString> content;
        private final boolean hasDigest;

        Entry(DumpLine line, FileType type, int mode, DumpMetadata known) throws DumpFormatException {
            this.line = line;
            this.type = type;
            size = line.integer(DumpField.SIZE);
            links = line.integer(DumpField.NLINK) & LOW_32;
            long uid = line.integer(DumpField.UID);
            long gid = lenientInteger(DumpField.GID, uid);
            rdev = lenientInteger(DumpField.RDEV, uid) & LOW_32;
            Timestamp mtime = line.mtime(known);
            payload = line.optionalText(DumpField.PAYLOAD).map(DumpLine::untilNul);
            content = line.optionalText(DumpField.CONTENT);
            if (content.isPresent() && content.get().length() != size) {
                throw line.refuse(
                        "content of " + content.get().length() + " bytes, but SIZE is " + Long.toUnsignedString(size));
            }
            hasDigest = line.has(DumpField.DIGEST);
            line.checkEscapes(DumpField.DIGEST);
            checkByType();
            metadata = known.metadata(mode & PERMISSION_BITS, uid & LOW_32, gid & LOW_32, mtime, line);
        }

        /** The format's own tool looks at an error of these two only where the owner is root, and takes 0 otherwise. */
        private long lenientInteger(DumpField field, long uid) throws DumpFormatException {
            try {
                return line.integer(field);
            } catch (DumpFormatException e) {
                if (uid == 0) {
                    throw e;
                }
                return 0;
            }
        }

        private void checkByType() throws DumpFormatException {
            boolean device = type == FileType.CHARACTER || type == FileType.BLOCK;
            if (strict && !device && rdev != 0) {
                throw line.refuse("device number " + rdev + " on what is no device");
            }
            int payloadLength = payload.map(ByteString::length).orElse(0);
            if (payloadLength > Symlink.MAX_TARGET) {
                throw line.refuse("payload of " + payloadLength + " bytes, limit " + Symlink.MAX_TARGET);
            }
            if (type != FileType.SYMLINK) {
                if (content.isPresent() && content.get().length() > FileContent.Inline.MAX_SIZE) {
                    throw line.refuse("inline content of " + content.get().length() + " bytes, limit "
                            + FileContent.Inline.MAX_SIZE);
                }
                return;
            }
            if (payloadLength == 0) {
                throw line.refuse("symlink without a target");
            }
            if (strict && size != payloadLength) {
                throw line.refuse(
                        "symlink target of " + payloadLength + " bytes, but SIZE is " + Long.toUnsignedString(size));
            }
            if (strict && content.isPresent() && !content.get().isEmpty()) {
                throw line.refuse("symlink with content");
            }
        }

        Directory directory() {
            Directory directory = new Directory(metadata);
            directory.setClaims(new Claims(OptionalLong.of(links), size));
            return directory;
        }

        Leaf leaf() throws DumpFormatException {
            Claims stated = new Claims(OptionalLong.of(links), size);
            Claims counted = Claims.ofLinks(links);
            return switch (type) {
                case REGULAR -> new RegularFile(metadata, fileContent(), counted);
                case SYMLINK -> new Symlink(metadata, payload.orElse(ByteString.EMPTY), counted);
                case CHARACTER -> new DeviceNode(metadata, DeviceNode.Kind.CHARACTER, rdev, stated);
                case BLOCK -> new DeviceNode(metadata, DeviceNode.Kind.BLOCK, rdev, stated);
                case FIFO -> new Fifo(metadata, stated);
                case SOCKET -> new Socket(metadata, stated);
                case DIRECTORY -> throw new IllegalStateException("a directory is no leaf");
            };
        }

        private FileContent fileContent() throws DumpFormatException {
            if (size == 0) {
                return new FileContent.Empty();
            }
            if (content.isPresent()) {
                return new FileContent.Inline(content.get());
            }
            if (Long.compareUnsigned(size, FileContent.External.MAX_SIZE) > 0) {
                throw line.refuse("file of " + Long.toUnsignedString(size) + " bytes is too large, limit "
                        + FileContent.External.MAX_SIZE);
            }
            Optional<VerityDigest> digest = hasDigest ? line.digest(DumpField.DIGEST) : Optional.empty();
            return new FileContent.External(size, digest, payload.orElse(ByteString.EMPTY));
        }
    }
}
