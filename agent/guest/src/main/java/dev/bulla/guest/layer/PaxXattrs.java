package dev.bulla.guest.layer;

import dev.bulla.composefs.tree.ByteString;
import dev.bulla.oci.Quoted;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The extended attributes in a PAX header, and what to think of its other records.
 *
 * <p>Attributes are {@code SCHILY.xattr.NAME=VALUE}, raw. libarchive writes them a second time, as {@code
 * LIBARCHIVE.xattr.NAME=BASE64}; that must agree with the first, for container engines read only the first.
 *
 * @param xattrs names and values in the header's order
 * @param ignored how many records say something that is not taken over
 */
record PaxXattrs(Map<ByteString, ByteString> xattrs, int ignored) {
    private static final ByteString SCHILY = ByteString.utf8("SCHILY.xattr.");
    private static final ByteString LIBARCHIVE = ByteString.utf8("LIBARCHIVE.xattr.");

    /** Read elsewhere, or meaningless here as in every engine: no file system lets one set them, or they are for people. */
    private static final Set<String> KNOWN = Set.of(
            "path",
            "linkpath",
            "size",
            "uid",
            "gid",
            "mtime",
            "atime",
            "ctime",
            "uname",
            "gname",
            "comment",
            "hdrcharset",
            "LIBARCHIVE.creationtime",
            "SCHILY.dev",
            "SCHILY.ino",
            "SCHILY.nlink");

    /** Change an entry's type, length or device for some readers and not for others. */
    private static final Set<String> REFUSED =
            Set.of("SCHILY.realsize", "SCHILY.filetype", "SCHILY.devmajor", "SCHILY.devminor", "GNU.dumpdir");

    private static final List<String> REFUSED_FAMILIES = List.of("GNU.sparse.", "SUN.holesdata", "GNU.volume.");

    /** Reads them out of a header's records. */
    static PaxXattrs of(PaxRecords pax, long offset) throws ArchiveFormatException {
        Map<ByteString, ByteString> xattrs = new LinkedHashMap<>();
        Map<ByteString, ByteString> copies = new LinkedHashMap<>();
        int ignored = 0;
        for (Map.Entry<ByteString, ByteString> record : pax.records().entrySet()) {
            ByteString key = record.getKey();
            if (key.startsWith(SCHILY)) {
                xattrs.put(name(key.substring(SCHILY.length()), offset), record.getValue());
            } else if (key.startsWith(LIBARCHIVE)) {
                ByteString name = percentDecoded(key.substring(LIBARCHIVE.length()))
                        .orElseThrow(() -> new ArchiveFormatException(
                                offset, "PAX record " + Quoted.text(key.toString()) + " with a broken percent escape"));
                if (copies.put(name, record.getValue()) != null) {
                    throw new ArchiveFormatException(
                            offset, "PAX record LIBARCHIVE.xattr " + Quoted.text(name.toString()) + " stands twice");
                }
            } else {
                ignored += judge(key.toString(), offset);
            }
        }
        for (Map.Entry<ByteString, ByteString> copy : copies.entrySet()) {
            Optional<ByteString> value = Optional.ofNullable(xattrs.get(copy.getKey()));
            if (value.isEmpty() || !value.equals(base64Decoded(copy.getValue()))) {
                throw new ArchiveFormatException(
                        offset,
                        "PAX record LIBARCHIVE.xattr of "
                                + Quoted.text(copy.getKey().toString()) + " without a SCHILY.xattr that says the same");
            }
        }
        return new PaxXattrs(xattrs, ignored);
    }

    private static int judge(String key, long offset) throws ArchiveFormatException {
        if (KNOWN.contains(key)) {
            return 0;
        }
        if (REFUSED.contains(key) || REFUSED_FAMILIES.stream().anyMatch(key::startsWith)) {
            throw new ArchiveFormatException(
                    offset,
                    "PAX record " + Quoted.text(key) + ", which readers take differently"
                            + (key.startsWith("GNU.sparse.") ? " (sparse file)" : ""));
        }
        return 1;
    }

    private static ByteString name(ByteString name, long offset) throws ArchiveFormatException {
        if (name.isEmpty() || name.length() > 255 || name.indexOf(0) >= 0) {
            throw new ArchiveFormatException(
                    offset, "extended attribute's name of " + name.length() + " bytes, expected 1 to 255 without NUL");
        }
        return name;
    }

    private static Optional<ByteString> percentDecoded(ByteString text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < text.length(); i++) {
            int value = text.at(i);
            if (value == '%') {
                int high = i + 2 < text.length() ? Character.digit(text.at(i + 1), 16) : -1;
                int low = i + 2 < text.length() ? Character.digit(text.at(i + 2), 16) : -1;
                if (high < 0 || low < 0) {
                    return Optional.empty();
                }
                value = high << 4 | low;
                i += 2;
            }
            out.write(value);
        }
        return Optional.of(ByteString.of(out.toByteArray()));
    }

    /** libarchive leaves the padding out. */
    private static Optional<ByteString> base64Decoded(ByteString text) {
        try {
            return Optional.of(ByteString.of(
                    Base64.getDecoder().decode(new String(text.toByteArray(), StandardCharsets.ISO_8859_1))));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
