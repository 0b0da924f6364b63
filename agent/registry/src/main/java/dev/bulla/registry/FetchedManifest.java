package dev.bulla.registry;

import static java.util.Objects.requireNonNull;

import dev.bulla.oci.Digest;
import java.util.Optional;

/**
 * A manifest or index as it came: exactly these bytes are what is judged, recorded and used.
 *
 * <p>At most {@link dev.bulla.oci.ManifestOrIndex#MAX_SIZE} bytes.
 */
public final class FetchedManifest {
    private final byte[] bytes;
    private final Digest digest;
    private final Optional<String> mediaType;
    private final String source;

    /**
     * @param bytes the document; not copied, the caller gives it away
     * @param digest the digest of these bytes, which the caller has computed or checked
     * @param mediaType as what it was served; empty when that was nothing more than JSON or bytes
     * @param source the repository or layout that was asked: {@code https://host[:port]/v2/repository}, {@code oci:/folder}
     */
    public FetchedManifest(byte[] bytes, Digest digest, Optional<String> mediaType, String source) {
        this.bytes = requireNonNull(bytes, "bytes is null");
        this.digest = requireNonNull(digest, "digest is null");
        this.mediaType = requireNonNull(mediaType, "mediaType is null");
        this.source = requireNonNull(source, "source is null");
    }

    /** The document itself, not a copy: not to be changed. */
    public byte[] bytes() {
        return bytes;
    }

    /** The digest of the bytes: the one that was asked for, else their sha256. */
    public Digest digest() {
        return digest;
    }

    /** As what it was served, for {@link dev.bulla.oci.ManifestOrIndex#parse}; empty when nothing named it. */
    public Optional<String> mediaType() {
        return mediaType;
    }

    /** The repository or layout that was asked; where that redirected to is not told. */
    public String source() {
        return source;
    }

    @Override
    public String toString() {
        return digest + " (" + bytes.length + " bytes)";
    }
}
