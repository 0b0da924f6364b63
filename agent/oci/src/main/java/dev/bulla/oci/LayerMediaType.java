package dev.bulla.oci;

import java.util.Optional;

/**
 * The media type of a layer, taken apart.
 *
 * @param compression how the tar is compressed
 * @param encrypted whether the (compressed) tar is encrypted, by ocicrypt's suffix {@code +encrypted}
 */
public record LayerMediaType(Compression compression, boolean encrypted) {

    /** How a layer's tar is compressed. */
    public enum Compression {
        NONE,
        GZIP,
        ZSTD
    }

    private static final String ENCRYPTED = "+encrypted";

    /** The media type taken apart; empty when it is no layer that we know. */
    public static Optional<LayerMediaType> parse(String mediaType) {
        boolean encrypted = mediaType.endsWith(ENCRYPTED);
        String plain = encrypted ? mediaType.substring(0, mediaType.length() - ENCRYPTED.length()) : mediaType;
        return switch (plain) {
            case "application/vnd.oci.image.layer.v1.tar",
                    "application/vnd.oci.image.layer.nondistributable.v1.tar",
                    "application/vnd.docker.image.rootfs.diff.tar" ->
                Optional.of(new LayerMediaType(Compression.NONE, encrypted));
            case "application/vnd.oci.image.layer.v1.tar+gzip",
                    "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
                    "application/vnd.docker.image.rootfs.diff.tar.gzip" ->
                Optional.of(new LayerMediaType(Compression.GZIP, encrypted));
            case "application/vnd.oci.image.layer.v1.tar+zstd",
                    "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd",
                    "application/vnd.docker.image.rootfs.diff.tar.zstd" ->
                Optional.of(new LayerMediaType(Compression.ZSTD, encrypted));
            default -> Optional.empty();
        };
    }
}
