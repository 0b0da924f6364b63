package dev.bulla.guest.layer;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.VerityDigest;

/** A stretch of a tar archive: its own bytes, or those of an object that stands elsewhere. */
public sealed interface TarPart {
    /** How many bytes of the archive it is. */
    long size();

    /**
     * Bytes of the archive: headers, padding, small files.
     *
     * @param bytes the bytes; nobody changes them
     */
    record Bytes(@SuppressWarnings("ArrayRecordComponent") byte[] bytes) implements TarPart {
        @Override
        public long size() {
            return bytes.length;
        }
    }

    /**
     * The bytes of an object.
     *
     * @param digest its fs-verity digest
     * @param size how many bytes it has
     */
    record Body(VerityDigest digest, long size) implements TarPart {
        public Body {
            requireNonNull(digest, "digest is null");
            if (size < 0) {
                throw new IllegalArgumentException("size is negative: " + size);
            }
        }
    }
}
