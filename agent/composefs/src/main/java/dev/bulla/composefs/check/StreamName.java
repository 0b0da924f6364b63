package dev.bulla.composefs.check;

import dev.bulla.composefs.stream.ContentType;
import dev.bulla.composefs.stream.SplitStreamLimits;
import dev.bulla.oci.Digest;
import dev.bulla.oci.OciException;
import java.util.Map;
import java.util.Optional;

/**
 * What the name of a stream says of its content.
 *
 * @param digest what its content hashes to, where the name has it
 * @param contentType what its header should say, where the name has a beginning that is known
 */
record StreamName(Optional<Digest> digest, Optional<ContentType> contentType) {
    private static final Map<String, ContentType> KINDS = Map.of(
            "oci-manifest-", ContentType.MANIFEST,
            "oci-config-", ContentType.CONFIG,
            "oci-layer-", ContentType.LAYER,
            "oci-blob-", ContentType.BLOB);

    private static final String CONFIG_REFERENCE = "config:";

    static StreamName of(String name) {
        for (Map.Entry<String, ContentType> kind : KINDS.entrySet()) {
            if (name.startsWith(kind.getKey())) {
                try {
                    Digest digest = Digest.parse(name.substring(kind.getKey().length()));
                    return new StreamName(Optional.of(digest), Optional.of(kind.getValue()));
                } catch (OciException e) {
                    break; // a stream of some other kind: only its structure is known
                }
            }
        }
        return new StreamName(Optional.empty(), Optional.empty());
    }

    /** The stream that an image's named reference is to, if it is to one: of a layer by its diff_id, or a config. */
    static Optional<String> ofReference(String name) {
        boolean config = name.startsWith(CONFIG_REFERENCE);
        try {
            Digest digest = Digest.parse(config ? name.substring(CONFIG_REFERENCE.length()) : name);
            return Optional.of((config ? "oci-config-" : "oci-layer-") + digest);
        } catch (OciException e) {
            return Optional.empty();
        }
    }

    /** What to take of the stream. */
    SplitStreamLimits limits() {
        boolean document = contentType
                .filter(type -> type.equals(ContentType.MANIFEST) || type.equals(ContentType.CONFIG))
                .isPresent();
        return document ? SplitStreamLimits.DOCUMENT : SplitStreamLimits.LAYER;
    }
}
