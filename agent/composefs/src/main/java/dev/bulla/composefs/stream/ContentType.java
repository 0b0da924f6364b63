package dev.bulla.composefs.stream;

import dev.bulla.oci.Quoted;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * What a stream holds, as its header says: eight bytes of its writer's choice, by convention ASCII.
 *
 * @param value the eight bytes as a little-endian number
 */
public record ContentType(long value) {
    /** The tar of an image's layer. */
    public static final ContentType LAYER = of("ocilayer");

    /** The JSON of an image's config. */
    public static final ContentType CONFIG = of("ociconfg");

    /** The JSON of an image's manifest. */
    public static final ContentType MANIFEST = of("ocimanif");

    /** Any other blob, the layers of artifacts among them. */
    public static final ContentType BLOB = of("oci_blob");

    /** The content type that reads as this text of eight ASCII characters. */
    public static ContentType of(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        if (bytes.length != Long.BYTES) {
            throw new IllegalArgumentException("content type " + text + ": expected 8 characters");
        }
        return new ContentType(
                ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong());
    }

    /** Its text, quoted. */
    @Override
    public String toString() {
        byte[] bytes = ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array();
        return Quoted.text(new String(bytes, StandardCharsets.ISO_8859_1));
    }
}
