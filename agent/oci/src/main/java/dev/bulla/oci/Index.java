package dev.bulla.oci;

import dev.bulla.oci.json.JsonCursor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * An image index, OCI's or Docker's manifest list.
 *
 * @param mediaType its media type
 * @param manifests what it lists
 */
public record Index(String mediaType, List<Descriptor> manifests) implements ManifestOrIndex {

    /** The most entries of an index. */
    public static final int MAX_MANIFESTS = 4096;

    public Index {
        manifests = List.copyOf(manifests);
    }

    static Index read(String mediaType, JsonCursor.Members members) throws OciException {
        List<Descriptor> manifests = new ArrayList<>();
        for (JsonCursor manifest : members.required("manifests").array()) {
            manifests.add(Descriptor.read(manifest));
        }
        if (manifests.size() > MAX_MANIFESTS) {
            throw new OciException("index: got " + manifests.size() + " manifests, expected at most " + MAX_MANIFESTS);
        }
        return new Index(mediaType, manifests);
    }

    /**
     * The manifest for a platform: the first that names exactly it, else the first that the platform accepts (the
     * specification's "first match").
     *
     * @throws OciException when none fits; names those there are
     */
    public Descriptor select(Platform platform) throws OciException {
        for (Descriptor manifest : manifests) {
            if (manifest.platform().filter(platform::equals).isPresent()) {
                return manifest;
            }
        }
        for (Descriptor manifest : manifests) {
            if (manifest.platform().filter(platform::accepts).isPresent()) {
                return manifest;
            }
        }
        String offered = manifests.stream()
                .map(m -> m.platform().map(Platform::toString).orElse("none named"))
                .distinct()
                .limit(16)
                .collect(Collectors.joining(", "));
        throw new OciException("index: no manifest for " + platform + ", got " + Quoted.text(offered));
    }
}
