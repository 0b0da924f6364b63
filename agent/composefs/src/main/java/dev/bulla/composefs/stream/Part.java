package dev.bulla.composefs.stream;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.VerityDigest;

/** The next piece of a stream. */
public sealed interface Part {

    /**
     * Bytes that stand in the stream itself. One run of them may come in several parts.
     *
     * @param bytes the bytes, the caller's own
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over once, never compared
    record Inline(byte[] bytes) implements Part {}

    /**
     * All bytes of an object.
     *
     * @param object its digest
     */
    record External(VerityDigest object) implements Part {
        public External {
            requireNonNull(object, "object is null");
        }
    }
}
