package dev.bulla.guest.layer;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.Timestamp;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A strict reader of tar archives: POSIX ustar with PAX extended headers, GNU with its long names, and the old format.
 *
 * <p><b>Security.</b> An archive that the known readers (Go's, GNU tar, libarchive) take differently is refused by name,
 * because what was scanned or signed by one program must be what runs: sparse files, a PAX size that disagrees with a header
 * which could have said it, bodies on entries that have none, repeated or stacked extension headers, PAX globals that change
 * entries, entry types outside POSIX. Nothing but zeros may follow the end of the archive. As with the other readers, the
 * end marker may be a single block of zeros or be missing where the bytes end between two entries, and so may what fills the
 * last entry's block up ({@code umoci insert} writes neither): the layer's digest and diff_id show a cut-off layer, not the
 * marker.
 */
final class TarReader {
    private static final ByteString SLASH = ByteString.utf8("/");
    /** The largest size that the octal digits of a header can say; above it PAX alone speaks. */
    private static final long MAX_OCTAL_SIZE = 0_777_7777_7777L;

    private final ArchiveBytes bytes;
    private final int maxHeaderBytes;
    private final LayerLimits limits;
    private long entryHeader;
    private long bodyLeft;
    private int padding;

    TarReader(ArchiveBytes bytes, LayerLimits limits) {
        this.bytes = bytes;
        this.limits = limits;
        this.maxHeaderBytes = Math.toIntExact(limits.get(LayerLimit.HEADER_BYTES));
    }

    /** The next entry, or null when the archive and all bytes after it have been read. What is left of the last body is skipped. */
    @Nullable
    TarEntry next() throws IOException {
        bytes.skip(bodyLeft, entryHeader);
        bytes.skipPadding(padding);
        bodyLeft = 0;
        padding = 0;
        Extensions extensions = new Extensions();
        entryHeader = bytes.offset();
        while (true) {
            long offset = bytes.offset();
            int block = bytes.block();
            if (block < 0 || TarHeader.isZero(bytes.buffer(), block)) {
                if (extensions.any) {
                    throw new ArchiveFormatException(
                            entryHeader, "extension header at the end of the archive, without an entry");
                }
                bytes.onlyZerosLeft();
                return null;
            }
            TarHeader header = TarHeader.read(bytes.buffer(), block, offset);
            switch (header.typeFlag()) {
                case 'x' -> extensions.setPax(offset, PaxRecords.read(extension(header, offset), offset, limits));
                case 'g' -> {
                    if (extensions.any) {
                        throw new ArchiveFormatException(
                                offset, "PAX global header between another extension header and its entry");
                    }
                    checkGlobal(PaxRecords.read(extension(header, offset), offset, limits), offset);
                }
                case 'L' -> extensions.setLongName(offset, longText(extension(header, offset), offset));
                case 'K' -> extensions.setLongLink(offset, longText(extension(header, offset), offset));
                default -> {
                    TarEntry entry = entry(header, extensions);
                    bodyLeft = entry.size();
                    padding = padding(entry.size());
                    return entry;
                }
            }
        }
    }

    /** Hands the current entry's body on. */
    void copyBody(OutputStream out) throws IOException {
        long length = bodyLeft;
        bodyLeft = 0;
        bytes.transferTo(out, length, entryHeader);
    }

    /** The current entry's body, which the caller knows to be small. */
    byte[] readBody() throws IOException {
        int length = Math.toIntExact(bodyLeft);
        bodyLeft = 0;
        return bytes.bytes(length, entryHeader);
    }

    private byte[] extension(TarHeader header, long offset) throws IOException {
        long size = header.size();
        if (size > maxHeaderBytes) {
            limits.check(LayerLimit.HEADER_BYTES, size, "layer archive at byte " + offset + ", extension header");
        }
        byte[] body = bytes.bytes((int) size, offset);
        bytes.skip(padding(size), offset);
        return body;
    }

    /** git writes one with a comment; what else a global could say, container engines ignore and tar programs do not. */
    private static void checkGlobal(PaxRecords global, long offset) throws ArchiveFormatException {
        for (ByteString key : global.records().keySet()) {
            if (!key.equals(ByteString.utf8("comment"))) {
                throw new ArchiveFormatException(
                        offset, "PAX global header that sets more than a comment, which readers take differently");
            }
        }
    }

    private static ByteString longText(byte[] body, long offset) throws ArchiveFormatException {
        int length = 0;
        while (length < body.length && body[length] != 0) {
            length++;
        }
        for (int i = length; i < body.length; i++) {
            if (body[i] != 0) {
                throw new ArchiveFormatException(offset, "GNU long name with bytes after its NUL");
            }
        }
        if (length == 0) {
            throw new ArchiveFormatException(offset, "GNU long name without a name");
        }
        return ByteString.of(body, 0, length);
    }

    private static int padding(long size) {
        return (int) (-size & (LayerBytes.BLOCK - 1));
    }

    private TarEntry entry(TarHeader header, Extensions extensions) throws ArchiveFormatException {
        PaxRecords pax = extensions.pax;
        ByteString name = text(header, pax.name("path"), extensions.longName, header.name(), "name");
        if (name.isEmpty()) {
            throw new ArchiveFormatException(header.offset(), "entry without a name");
        }
        boolean endsWithSlash = name.at(name.length() - 1) == SLASH.at(0);
        TarType type = type(header, endsWithSlash);
        long size = size(header, pax, type);
        boolean isLink = type == TarType.HARD_LINK || type == TarType.SYMLINK;
        ByteString link = isLink
                ? text(header, pax.name("linkpath"), extensions.longLink, header.link(), "link target")
                : ByteString.EMPTY;
        boolean isDevice = type == TarType.CHARACTER || type == TarType.BLOCK;
        PaxXattrs xattrs = PaxXattrs.of(pax, entryHeader);
        Optional<Timestamp> paxTime = pax.time("mtime");
        return new TarEntry(
                entryHeader,
                type,
                name,
                header.permissions(),
                id(pax.number("uid"), header.uid(), "uid", header),
                id(pax.number("gid"), header.gid(), "gid", header),
                size,
                paxTime.isPresent() ? paxTime.orElseThrow() : new Timestamp(header.mtime(), 0),
                link,
                isDevice ? header.major() : 0,
                isDevice ? header.minor() : 0,
                xattrs.xattrs(),
                xattrs.ignored());
    }

    private static ByteString text(
            TarHeader header, Optional<ByteString> pax, @Nullable ByteString gnu, ByteString plain, String what)
            throws ArchiveFormatException {
        if (gnu == null) {
            return pax.orElse(plain);
        }
        if (pax.isPresent()) {
            throw new ArchiveFormatException(
                    header.offset(),
                    "entry with both a PAX and a GNU " + what + ", of which readers take different ones");
        }
        return gnu;
    }

    private static TarType type(TarHeader header, boolean endsWithSlash) throws ArchiveFormatException {
        TarType type = switch (header.typeFlag()) {
            case 0 -> endsWithSlash ? TarType.DIRECTORY : TarType.FILE;
            case '0' -> TarType.FILE;
            case '1' -> TarType.HARD_LINK;
            case '2' -> TarType.SYMLINK;
            case '3' -> TarType.CHARACTER;
            case '4' -> TarType.BLOCK;
            case '5' -> TarType.DIRECTORY;
            case '6' -> TarType.FIFO;
            case 'S' ->
                throw new ArchiveFormatException(header.offset(), "GNU sparse file, which a layer must not hold");
            default ->
                throw new ArchiveFormatException(
                        header.offset(),
                        "entry of type " + header.typeFlagWords()
                                + ", expected a file, link, directory, device or FIFO");
        };
        if (endsWithSlash && type != TarType.DIRECTORY) {
            throw new ArchiveFormatException(
                    header.offset(), type.words() + " whose name ends with a slash, which readers take differently");
        }
        return type;
    }

    private static long size(TarHeader header, PaxRecords pax, TarType type) throws ArchiveFormatException {
        long plain = header.size();
        OptionalLong stated = pax.number("size");
        long size = stated.orElse(plain);
        if (size != plain && size <= MAX_OCTAL_SIZE) {
            throw new ArchiveFormatException(
                    header.offset(), "sizes disagree: " + plain + " in the header, " + size + " in its PAX record");
        }
        if (size != 0 && type != TarType.FILE) {
            throw new ArchiveFormatException(
                    header.offset(), type.words() + " with a body of " + size + " bytes, expected none");
        }
        return size;
    }

    private static long id(OptionalLong pax, long plain, String what, TarHeader header) throws ArchiveFormatException {
        long id = pax.orElse(plain);
        if (id > 0xffff_ffffL) {
            throw new ArchiveFormatException(header.offset(), what + " " + id + ", expected at most " + 0xffff_ffffL);
        }
        return id;
    }

    /** What the headers before an entry's own say of it. */
    private static final class Extensions {
        private PaxRecords pax = PaxRecords.NONE;
        private @Nullable ByteString longName;
        private @Nullable ByteString longLink;
        private boolean any;

        void setPax(long offset, PaxRecords records) throws ArchiveFormatException {
            if (pax != PaxRecords.NONE) {
                throw twice(offset, "PAX header");
            }
            pax = records;
            any = true;
        }

        void setLongName(long offset, ByteString name) throws ArchiveFormatException {
            if (longName != null) {
                throw twice(offset, "GNU long name");
            }
            longName = name;
            any = true;
        }

        void setLongLink(long offset, ByteString link) throws ArchiveFormatException {
            if (longLink != null) {
                throw twice(offset, "GNU long link");
            }
            longLink = link;
            any = true;
        }

        private static ArchiveFormatException twice(long offset, String what) {
            return new ArchiveFormatException(offset, "second " + what + " in front of one entry");
        }
    }
}
