package dev.bulla.oci;

import dev.bulla.oci.json.JsonCursor;
import java.util.Optional;

/**
 * What a reference resolves to: a {@link Manifest} or an {@link Index}.
 *
 * <p><b>Security.</b> A document that could be read as both is refused, and so is one whose own {@code mediaType} is not
 * the one under which it was served (CVE-2021-41190).
 */
public sealed interface ManifestOrIndex permits Manifest, Index {

    /** The most bytes of a manifest or an index. */
    int MAX_SIZE = 4 << 20;

    /** The document's media type. */
    String mediaType();

    /**
     * Reads a manifest or an index.
     *
     * @param bytes the document, whose digest the caller has checked
     * @param servedAs the media type by which a descriptor or a server named it; empty when nothing named it (a generic
     *     content type counts as nothing)
     */
    static ManifestOrIndex parse(byte[] bytes, Optional<String> servedAs) throws OciException {
        if (bytes.length > MAX_SIZE) {
            throw new OciException("manifest: got " + bytes.length + " bytes, expected at most " + MAX_SIZE);
        }
        JsonCursor.Members members = JsonCursor.parse(bytes).object();
        Optional<JsonCursor> version = members.optional("schemaVersion");
        if (version.isEmpty()) {
            throw new OciException("manifest: \"schemaVersion\" is missing, expected 2");
        }
        if (version.get().integer(0, Integer.MAX_VALUE) != 2) {
            throw new OciException(
                    "manifest: schemaVersion " + version.get().integer(0, Integer.MAX_VALUE) + ", expected 2");
        }
        Optional<JsonCursor> declared = members.optional("mediaType");
        if (declared.isPresent()
                && servedAs.isPresent()
                && !declared.get().string().equals(servedAs.get())) {
            throw new OciException("manifest: its mediaType is "
                    + Quoted.text(declared.get().string()) + ", but it was served as " + Quoted.text(servedAs.get()));
        }
        boolean indexMembers = members.optional("manifests").isPresent();
        boolean manifestMembers = members.optional("config").isPresent()
                || members.optional("layers").isPresent();
        if (members.optional("fsLayers").isPresent()
                || members.optional("signatures").isPresent()) {
            throw new OciException("manifest: it has members of Docker's schema 1 beside schemaVersion 2");
        }
        if (indexMembers && manifestMembers) {
            throw new OciException("manifest: it has \"manifests\" and \"config\" or \"layers\", so it is both an index"
                    + " and a manifest");
        }
        String mediaType = declared.isPresent()
                ? declared.get().string()
                : servedAs.orElse(indexMembers ? MediaTypes.OCI_INDEX : MediaTypes.OCI_MANIFEST);
        if (MediaTypes.isIndex(mediaType) && !manifestMembers) {
            return Index.read(mediaType, members);
        }
        if (MediaTypes.isManifest(mediaType) && !indexMembers) {
            return Manifest.read(mediaType, members);
        }
        throw new OciException("manifest: media type " + Quoted.text(mediaType) + " with the members of "
                + (indexMembers ? "an index" : "a manifest") + ", expected an OCI or Docker manifest or index");
    }
}
