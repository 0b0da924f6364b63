package dev.bulla.provision.quickstart;

import dev.bulla.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/** Writes one layer's tar, as PAX, and its diff_id. Everything belongs to root. */
final class DemoLayer implements AutoCloseable {
    private static final int DIRECTORY = 0755;
    private static final int EXECUTABLE = 0755;
    private static final int FILE = 0644;
    private static final String XATTR = "SCHILY.xattr.";

    private final MessageDigest diffId = Digest.Algorithm.SHA256.newMessageDigest();
    private final TarArchiveOutputStream tar;
    private final Instant time;

    DemoLayer(OutputStream out, Instant time) {
        this.tar = new TarArchiveOutputStream(new DigestOutputStream(out, diffId), "UTF-8");
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
        tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
        tar.setAddPaxHeadersForNonAsciiNames(true);
        this.time = time;
    }

    void directory(String name) throws IOException {
        put(entry(name + "/", DIRECTORY));
        tar.closeArchiveEntry();
    }

    void text(String name, String text) throws IOException {
        file(name, text.getBytes(StandardCharsets.UTF_8), Map.of());
    }

    void file(String name, byte[] content, Map<String, String> xattrs) throws IOException {
        TarArchiveEntry entry = entry(name, FILE);
        entry.setSize(content.length);
        xattrs.forEach((attribute, value) -> entry.addPaxHeader(XATTR + attribute, value));
        put(entry);
        tar.write(content);
        tar.closeArchiveEntry();
    }

    /** Copies a file of this machine; it may be any size, and must not change meanwhile. */
    void copy(String name, Path source) throws IOException {
        TarArchiveEntry entry = entry(name, Files.isExecutable(source) ? EXECUTABLE : FILE);
        entry.setSize(Files.size(source));
        entry.setLastModifiedTime(Files.getLastModifiedTime(source));
        put(entry);
        try (InputStream in = Files.newInputStream(source)) {
            in.transferTo(tar);
        }
        tar.closeArchiveEntry();
    }

    void symlink(String name, String target) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name, TarConstants.LF_SYMLINK);
        entry.setLinkName(target);
        entry.setMode(0777);
        entry.setLastModifiedTime(FileTime.from(time));
        put(entry);
        tar.closeArchiveEntry();
    }

    void hardLink(String name, String target) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name, TarConstants.LF_LINK);
        entry.setLinkName(target);
        entry.setMode(FILE);
        entry.setLastModifiedTime(FileTime.from(time));
        put(entry);
        tar.closeArchiveEntry();
    }

    private TarArchiveEntry entry(String name, int mode) {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setMode((entry.getMode() & ~07777) | mode);
        entry.setLastModifiedTime(FileTime.from(time));
        return entry;
    }

    private void put(TarArchiveEntry entry) throws IOException {
        entry.setIds(0, 0);
        entry.setNames("", "");
        tar.putArchiveEntry(entry);
    }

    /** The digest of the uncompressed tar; only after {@link #close}. */
    Digest diffId() {
        return Digest.Algorithm.SHA256.fromBytes(diffId.digest());
    }

    @Override
    public void close() throws IOException {
        tar.close();
    }
}
