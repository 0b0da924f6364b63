/**
 * Strict JSON: a small immutable value tree, a reader that knows where it stands, and writers, RFC 8785 included.
 *
 * <p>Every JSON text that comes from outside goes through {@link dev.bulla.oci.json.JsonCursor#parse}, which refuses
 * what lenient readers forgive (duplicate keys, trailing data, byte order marks, other encodings than UTF-8), because
 * two readers that forgive differently can be shown two different documents.
 */
@NullMarked
package dev.bulla.oci.json;

import org.jspecify.annotations.NullMarked;
