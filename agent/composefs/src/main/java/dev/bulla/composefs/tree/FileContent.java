package dev.bulla.composefs.tree;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.VerityDigest;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where a regular file's bytes are. */
public sealed interface FileContent {
    /** The length of the file in bytes. */
    long size();

    /** The file has no bytes. */
    record Empty() implements FileContent {
        @Override
        public long size() {
            return 0;
        }
    }

    /**
     * The bytes stand in the tree, and in the image.
     *
     * @param bytes 1 to {@link #MAX_SIZE} bytes
     */
    record Inline(ByteString bytes) implements FileContent {
        /** The longest content that composefs keeps in an image. */
        public static final int MAX_SIZE = 5000;

        public Inline {
            if (bytes.isEmpty() || bytes.length() > MAX_SIZE) {
                throw new IllegalArgumentException(
                        "inline content of " + bytes.length() + " bytes, expected 1 to " + MAX_SIZE);
            }
        }

        /** These bytes. */
        public Inline(byte[] bytes) {
            this(ByteString.of(bytes));
        }

        @Override
        public long size() {
            return bytes.length();
        }
    }

    /** The bytes stand in a file of an object store. Small, since an image has nearly as many as files. */
    final class External implements FileContent {
        /** The longest file that an image can describe: 1024 chunks of the largest size. */
        public static final long MAX_SIZE = 1L << 53;

        /** The longest payload: a path that Linux has room for. */
        public static final int MAX_PAYLOAD = 4095;

        private final long size;
        private final @Nullable VerityDigest digest;
        /** Null where it is the path that an object store derives from the digest. */
        private final @Nullable ByteString payload;

        /**
         * @param size how many bytes, at least 1
         * @param digest what the store's file must measure; empty: nothing is checked
         * @param payload the file's path below the store without NUL, empty where overlayfs is not to look anywhere
         */
        public External(long size, Optional<VerityDigest> digest, ByteString payload) {
            this(
                    size,
                    digest.orElse(null),
                    digest.isPresent() && digest.get().isObjectPath(payload)
                            ? null
                            : requireNonNull(payload, "payload is null"));
            if (payload.length() > MAX_PAYLOAD || payload.indexOf(0) >= 0) {
                throw new IllegalArgumentException(
                        "payload of " + payload.length() + " bytes, expected at most " + MAX_PAYLOAD + " without NUL");
            }
        }

        private External(long size, @Nullable VerityDigest digest, @Nullable ByteString payload) {
            if (size < 1 || size > MAX_SIZE) {
                throw new IllegalArgumentException("file of " + size + " bytes, expected 1 to " + MAX_SIZE);
            }
            this.size = size;
            this.digest = digest;
            this.payload = payload;
        }

        /** The file that an object store keeps under its digest. */
        public static External of(long size, VerityDigest digest) {
            return new External(size, requireNonNull(digest, "digest is null"), null);
        }

        @Override
        public long size() {
            return size;
        }

        /** What the store's file must measure; empty: nothing is checked. */
        public Optional<VerityDigest> digest() {
            return Optional.ofNullable(digest);
        }

        /** The file's path below the store; empty where overlayfs is not to look anywhere. */
        public ByteString payload() {
            if (payload != null) {
                return payload;
            }
            return requireNonNull(digest, "digest is null").objectPathBytes();
        }

        /** Whether the path is the one that an object store derives from the digest. */
        public boolean hasObjectPath() {
            return payload == null;
        }

        /** The length of {@link #payload} in bytes. */
        public int payloadLength() {
            return payload != null
                    ? payload.length()
                    : requireNonNull(digest, "digest is null").algorithm().length() * 2 + 1;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof External that
                    && size == that.size
                    && digest().equals(that.digest())
                    && payload().equals(that.payload());
        }

        @Override
        public int hashCode() {
            return Objects.hash(size, digest);
        }

        @Override
        public String toString() {
            return "External[" + size + ", " + digest + ", " + payload() + "]";
        }
    }
}
