package dev.bulla.composefs.mount;

import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.store.VerityMeter;
import dev.bulla.linux.FsVerity;
import dev.bulla.linux.OpenFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Optional;

/** An image file that is the one asked for, and stays open so that what was checked is what gets mounted. */
final class VerifiedImage implements AutoCloseable {
    private static final int HEADER_SIZE = 32;
    private static final int MAGIC = 0xd078629a;
    private static final int MAGIC_OFFSET = 0;
    private static final int FLAGS_OFFSET = 8;
    private static final int HAS_ACL = 1;
    private static final int VERSION_OFFSET = 12;

    /** Of the versions up to this one the flag says whether there are lists; in V2 it is never set. */
    private static final int LAST_VERSION_WITH_FLAG = 1;

    private final OpenFile file;
    private final boolean acl;

    private VerifiedImage(OpenFile file, boolean acl) {
        this.file = file;
        this.acl = acl;
    }

    /**
     * Opens and checks.
     *
     * @throws ImageMismatchException when it is another file, no composefs image, or without fs-verity where the kernel is
     *     to enforce it
     */
    static VerifiedImage open(Path image, VerityDigest expected, Enforcement enforcement) throws IOException {
        OpenFile file = OpenFile.read(image);
        try {
            if (!file.status().isRegular()) {
                throw new ImageMismatchException(image, expected, "no regular file");
            }
            VerityMeter meter = new VerityMeter(FsVerity.ofKernel());
            Optional<VerityDigest> measured = meter.measure(file, expected.algorithm());
            if (measured.isEmpty() && enforcement == Enforcement.KERNEL_VERITY) {
                throw new ImageMismatchException(image, expected, "a file without fs-verity");
            }
            VerityDigest got = measured.isPresent() ? measured.orElseThrow() : meter.hash(file, expected.algorithm());
            if (!got.equals(expected)) {
                throw new ImageMismatchException(image, expected, "fs-verity digest " + got);
            }
            return new VerifiedImage(file, hasAcl(file, image, expected));
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static boolean hasAcl(OpenFile file, Path image, VerityDigest expected) throws IOException {
        byte[] header = new byte[HEADER_SIZE];
        int got = file.read(header, 0, HEADER_SIZE, 0);
        ByteBuffer fields = ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
        if (got < HEADER_SIZE || fields.getInt(MAGIC_OFFSET) != MAGIC) {
            throw new ImageMismatchException(image, expected, "a file of that digest that is no composefs image");
        }
        return (fields.getInt(FLAGS_OFFSET) & HAS_ACL) != 0
                || Integer.compareUnsigned(fields.getInt(VERSION_OFFSET), LAST_VERSION_WITH_FLAG) > 0;
    }

    /** The file. */
    OpenFile file() {
        return file;
    }

    /** Whether any of its files may have access control lists. */
    boolean hasAcl() {
        return acl;
    }

    @Override
    public void close() {
        file.close();
    }
}
