package dev.bulla.attestation.client.initdata;

import dev.bulla.attestation.protocol.InitDataDocument;
import dev.bulla.linux.FileStatus;
import dev.bulla.oci.Quoted;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The disk on which kata's runtime hands initdata to the guest.
 *
 * <p>The ASCII bytes {@code initdata}, the length of what follows in 8 bytes, little endian, and a gzip file of the text;
 * zeros to the disk's end. It is the virtio block or SCSI disk, {@code vd*} or {@code sd*}, that begins so.
 *
 * <p><b>Security.</b> The host writes it. The lengths are bounded before and after inflating, there is one gzip member, whose
 * CRC-32 counts, and nothing but zeros behind it; of two disks that begin so neither is taken. The text is nothing but
 * the host's word before {@link dev.bulla.attestation.client.evidence.Attester#checkInitData} or a KBS has compared its
 * digest.
 */
public final class InitDataDisk {
    /** The longest text in bytes. */
    public static final int MAX_LENGTH = InitDataDocument.MAX_LENGTH;

    /** The longest gzip file in bytes: a text that does not compress, and the file's own. */
    public static final int MAX_COMPRESSED = MAX_LENGTH + 64 * 1024;

    /** The most zeros behind the file. */
    public static final int MAX_PADDING = 4 * 1024 * 1024;

    /** Where the disks of a guest are. */
    public static final Path DEVICES = Path.of("/dev");

    private static final byte[] MAGIC = "initdata".getBytes(StandardCharsets.US_ASCII);
    private static final List<String> PREFIXES = List.of("vd", "sd");

    private final Path path;

    private InitDataDisk(Path path) {
        this.path = path;
    }

    /** The disk, or an image of one, at this path. */
    public static InitDataDisk at(Path path) {
        return new InitDataDisk(path);
    }

    /**
     * Finds it among the disks; one that cannot be read is none.
     *
     * @param devices the folder of the disks, {@link #DEVICES}
     * @throws MalformedInitDataException when there are two
     * @throws IOException when the folder cannot be read
     */
    public static Optional<InitDataDisk> find(Path devices) throws MalformedInitDataException, IOException {
        return find(devices, path -> (FileStatus.of(path).mode() & FileStatus.TYPE_MASK) == FileStatus.TYPE_BLOCK);
    }

    /** Whether a path is a disk; tests have none. */
    @FunctionalInterface
    interface DiskTest {
        boolean isDisk(Path path) throws IOException;
    }

    static Optional<InitDataDisk> find(Path devices, DiskTest test) throws MalformedInitDataException, IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> entries =
                Files.newDirectoryStream(devices, entry -> PREFIXES.stream().anyMatch(name(entry)::startsWith))) {
            for (Path entry : entries) {
                if (test.isDisk(entry) && beginsSo(entry)) {
                    found.add(entry);
                }
            }
        }
        if (found.size() > 1) {
            found.sort(null);
            throw new MalformedInitDataException(
                    "initdata: " + Quoted.text(found.get(0).toString()) + " and "
                            + Quoted.text(found.get(1).toString()) + " both begin as its disk, expected one");
        }
        return found.stream().findFirst().map(InitDataDisk::new);
    }

    private static String name(Path path) {
        return String.valueOf(path.getFileName());
    }

    private static boolean beginsSo(Path path) {
        try (InputStream in = Files.newInputStream(path)) {
            return Arrays.equals(in.readNBytes(MAGIC.length), MAGIC);
        } catch (IOException e) {
            return false; // a drive without a medium; the host could as well have given no disk
        }
    }

    /** Where it is. */
    public Path path() {
        return path;
    }

    /**
     * Reads the text's bytes, whatever they say.
     *
     * @throws MalformedInitDataException when the disk is not as it should be
     * @throws IOException when it cannot be read
     */
    public byte[] read() throws MalformedInitDataException, IOException {
        try (InputStream in = Files.newInputStream(path)) {
            return read(in);
        }
    }

    static byte[] read(InputStream in) throws MalformedInitDataException, IOException {
        byte[] header = in.readNBytes(MAGIC.length + Long.BYTES);
        if (header.length < MAGIC.length + Long.BYTES
                || !Arrays.equals(header, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw new MalformedInitDataException("initdata disk: it does not begin with \"initdata\" and a length");
        }
        long length = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN).getLong(MAGIC.length);
        if (length < 0 || length > MAX_COMPRESSED) {
            throw new MalformedInitDataException("initdata disk: got a length of " + Long.toUnsignedString(length)
                    + " bytes, limit " + MAX_COMPRESSED);
        }
        byte[] gzip = in.readNBytes((int) length);
        if (gzip.length < length) {
            throw new MalformedInitDataException(
                    "initdata disk: it ends after " + gzip.length + " bytes, expected " + length);
        }
        requirePadding(in);
        return SingleGzipMember.inflate(gzip, MAX_LENGTH);
    }

    private static void requirePadding(InputStream in) throws MalformedInitDataException, IOException {
        byte[] buffer = new byte[64 * 1024];
        int padding = 0;
        for (int got = in.read(buffer); got >= 0; got = in.read(buffer)) {
            padding += got;
            if (padding > MAX_PADDING) {
                throw new MalformedInitDataException(
                        "initdata disk: more than " + MAX_PADDING + " bytes behind the initdata");
            }
            for (int i = 0; i < got; i++) {
                if (buffer[i] != 0) {
                    throw new MalformedInitDataException("initdata disk: more than zeros behind the initdata");
                }
            }
        }
    }
}
