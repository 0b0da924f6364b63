package dev.bulla.guest.delta;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.DeviceNode;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.composefs.tree.Fifo;
import dev.bulla.composefs.tree.HardLink;
import dev.bulla.composefs.tree.Leaf;
import dev.bulla.composefs.tree.Metadata;
import dev.bulla.composefs.tree.Node;
import dev.bulla.composefs.tree.RegularFile;
import dev.bulla.composefs.tree.Socket;
import dev.bulla.composefs.tree.Symlink;
import dev.bulla.composefs.tree.Timestamp;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The headers of a node in canonical form: those of Go's {@code archive/tar} where PAX is allowed, without names of users and
 * groups, without the file type in the mode, directories with a slash at their end. Facts about that form are in
 * docs/store.md.
 *
 * @param extension the PAX header and its records, padded to whole blocks; empty where the node needs none
 * @param header the node's own header, with its checksum
 */
@SuppressWarnings("ArrayRecordComponent") // built here, changed by nobody
record CanonicalHeaders(byte[] extension, byte[] header) {
    static final int BLOCK = 512;
    static final int CHECKSUM = 148;
    static final int CHECKSUM_LENGTH = 8;
    static final int TYPE = 156;

    private static final int NAME_LENGTH = 100;
    private static final int LINK = 157;
    private static final int PREFIX = 345;
    private static final int PREFIX_LENGTH = 155;
    private static final String MAGIC_AND_VERSION = "ustar\00000";
    private static final ByteString SLASH = ByteString.utf8("/");
    private static final ByteString ROOT = ByteString.utf8("./");

    /**
     * The headers of a node.
     *
     * @param prefix what stands before every path: nothing, {@code ./} or {@code /}
     * @param path the node's path, empty for the root
     * @param firstName where the same inode has been written already: under which path; then this is a link to it
     * @throws DeltaException when an archive cannot hold such a node
     */
    static CanonicalHeaders of(ByteString prefix, ByteString path, Node node, Optional<ByteString> firstName)
            throws DeltaException {
        boolean isLink = firstName.isPresent();
        Builder headers = new Builder();
        switch (node) {
            case Directory directory -> {
                ByteString name = path.isEmpty()
                        ? (prefix.isEmpty() ? ROOT : prefix)
                        : prefix.concat(path).concat(SLASH);
                headers.entry('5', name, directory.metadata());
            }
            case HardLink link -> leaf(headers, prefix.concat(path), link.target(), isLink);
            case Leaf leaf -> leaf(headers, prefix.concat(path), leaf, isLink);
        }
        if (isLink) {
            headers.link(prefix.concat(firstName.orElseThrow()));
        }
        return headers.build();
    }

    private static void leaf(Builder headers, ByteString name, Leaf leaf, boolean isLink) throws DeltaException {
        if (isLink) {
            headers.entry('1', name, leaf.metadata());
            return;
        }
        switch (leaf) {
            case RegularFile file -> {
                headers.entry('0', name, file.metadata());
                headers.number(124, 12, file.content().size(), "size");
            }
            case Symlink link -> {
                headers.entry('2', name, link.metadata());
                headers.link(link.target());
            }
            case DeviceNode device -> {
                headers.entry(device.kind() == DeviceNode.Kind.CHARACTER ? '3' : '4', name, device.metadata());
                headers.number(329, 8, (device.rdev() >> 8) & 0xfff, "");
                headers.number(337, 8, (device.rdev() & 0xff) | ((device.rdev() >> 12) & 0xf_ff00), "");
            }
            case Fifo fifo -> headers.entry('6', name, fifo.metadata());
            case Socket _ -> throw new DeltaException("a socket in the tree, which no archive holds");
        }
    }

    /** Sets the checksum of a header to the sum of its bytes, in the form that nearly all writers share. */
    static void sign(byte[] header) {
        int sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            sum += i >= CHECKSUM && i < CHECKSUM + CHECKSUM_LENGTH ? ' ' : header[i] & 0xff;
        }
        octal(header, CHECKSUM, CHECKSUM_LENGTH - 1, sum);
        header[CHECKSUM + CHECKSUM_LENGTH - 1] = ' ';
    }

    /** Octal digits with zeros before them and a NUL behind. */
    private static void octal(byte[] header, int at, int length, long value) {
        long rest = value;
        for (int i = at + length - 2; i >= at; i--) {
            header[i] = (byte) ('0' + (rest & 7));
            rest >>= 3;
        }
        header[at + length - 1] = 0;
    }

    private static void put(byte[] header, int at, String ascii) {
        byte[] bytes = ascii.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(bytes, 0, header, at, bytes.length);
    }

    /** Fills a header, and collects what does not fit into it. */
    private static final class Builder {
        private final byte[] header = new byte[BLOCK];
        private final Map<ByteString, ByteString> records = new TreeMap<>();
        private ByteString name = ByteString.EMPTY;

        void entry(char type, ByteString entryName, Metadata metadata) {
            name = entryName;
            text(0, entryName, "path");
            header[TYPE] = (byte) type;
            number(100, 8, metadata.permissions(), "");
            number(108, 8, metadata.uid(), "uid");
            number(116, 8, metadata.gid(), "gid");
            number(124, 12, 0, "");
            Timestamp time = metadata.mtime();
            number(136, 12, time.seconds(), "mtime");
            if (time.nanos() != 0) {
                records.put(ByteString.utf8("mtime"), ByteString.utf8(decimal(time)));
            }
            put(header, 257, MAGIC_AND_VERSION);
            number(329, 8, 0, "");
            number(337, 8, 0, "");
            metadata.xattrs()
                    .forEach((key, value) ->
                            records.put(ByteString.utf8("SCHILY.xattr.").concat(key), value));
        }

        void link(ByteString target) {
            text(LINK, target, "linkpath");
        }

        private void text(int at, ByteString text, String key) {
            ByteString ascii = ascii(text);
            if (text.length() > NAME_LENGTH || ascii.length() < text.length()) {
                records.put(ByteString.utf8(key), text);
            }
            int length = Math.min(ascii.length(), NAME_LENGTH);
            if (ascii.length() > NAME_LENGTH) {
                // Lest a reader of the old format take a file whose name is cut behind a slash for a directory.
                while (length > 0 && ascii.at(length - 1) == '/') {
                    length--;
                }
            }
            ascii.substring(0, length).copyTo(header, at);
        }

        /** Octal digits and a NUL; where they have no room, zeros, and a record. */
        void number(int at, int length, long value, String key) {
            boolean fits = value >= 0 && value >> (3 * (length - 1)) == 0;
            if (!fits) {
                records.put(ByteString.utf8(key), ByteString.utf8(Long.toString(value)));
            }
            octal(header, at, length, fits ? value : 0);
        }

        CanonicalHeaders build() {
            ByteString path = ByteString.utf8("path");
            int split = records.size() == 1 && records.containsKey(path) ? split(name) : 0;
            if (split > 0) {
                Arrays.fill(header, 0, NAME_LENGTH, (byte) 0);
                name.substring(split + 1).copyTo(header, 0);
                name.substring(0, split).copyTo(header, PREFIX);
                records.clear();
            }
            sign(header);
            return new CanonicalHeaders(records.isEmpty() ? new byte[0] : extension(), header);
        }

        /** The last slash at which a name that is too long can be split over name and prefix; 0 where there is none. */
        private static int split(ByteString name) {
            int at = Math.min(name.length() - 1, PREFIX_LENGTH + 1) - 1;
            while (at > 0 && name.at(at) != '/') {
                at--;
            }
            boolean fits = at > 0
                    && name.length() - at - 1 <= NAME_LENGTH
                    && ascii(name).length() == name.length();
            return fits ? at : 0;
        }

        private byte[] extension() {
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            records.forEach((key, value) -> {
                int plain = key.length() + value.length() + 3; // a space, an equals sign, a newline
                int length = plain + Integer.toString(plain).length();
                length = plain + Integer.toString(length).length();
                body.writeBytes((length + " ").getBytes(StandardCharsets.US_ASCII));
                body.writeBytes(key.toByteArray());
                body.write('=');
                body.writeBytes(value.toByteArray());
                body.write('\n');
            });
            byte[] extension = new byte[BLOCK + body.size() + padding(body.size())];
            byte[] start = new byte[BLOCK];
            ByteString title = ascii(extensionName(name));
            int length = Math.min(title.length(), NAME_LENGTH);
            while (length > 0 && title.at(length - 1) == '/') {
                length--;
            }
            title.substring(0, length).copyTo(start, 0);
            start[TYPE] = 'x';
            for (int at : new int[] {100, 108, 116}) {
                put(start, at, "0000000");
            }
            put(start, 124, String.format(Locale.ROOT, "%011o", body.size()));
            put(start, 136, "00000000000");
            put(start, 257, MAGIC_AND_VERSION);
            sign(start);
            System.arraycopy(start, 0, extension, 0, BLOCK);
            System.arraycopy(body.toByteArray(), 0, extension, BLOCK, body.size());
            return extension;
        }

        /** {@code DIR/PaxHeaders.0/BASE} without {@code ./}; a directory, whose name ends with a slash, has no BASE. */
        private static ByteString extensionName(ByteString name) {
            ByteString clean = name.startsWith(ROOT) ? name.substring(ROOT.length()) : name;
            int base = clean.length();
            while (base > 0 && clean.at(base - 1) != '/') {
                base--;
            }
            ByteString folder = clean.substring(0, base).concat(ByteString.utf8("PaxHeaders.0"));
            return base == clean.length() ? folder : folder.concat(SLASH).concat(clean.substring(base));
        }

        private static ByteString ascii(ByteString text) {
            ByteArrayOutputStream out = new ByteArrayOutputStream(text.length());
            for (int i = 0; i < text.length(); i++) {
                if (text.at(i) > 0 && text.at(i) < 0x80) {
                    out.write(text.at(i));
                }
            }
            return out.size() == text.length() ? text : ByteString.of(out.toByteArray());
        }

        /** Seconds and nanoseconds as one decimal fraction without zeros at its end. */
        private static String decimal(Timestamp time) {
            long seconds = time.seconds();
            long nanos = time.nanos();
            String sign = "";
            if (seconds < 0) {
                sign = "-";
                seconds = -(seconds + 1);
                nanos = 1_000_000_000 - nanos;
            }
            return String.format(Locale.ROOT, "%s%d.%09d", sign, seconds, nanos).replaceFirst("0+$", "");
        }
    }

    /** How many zeros fill the last block of so many bytes up. */
    static int padding(long size) {
        return (int) (-size & (BLOCK - 1));
    }
}
