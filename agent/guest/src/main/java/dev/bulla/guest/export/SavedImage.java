package dev.bulla.guest.export;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What an archive holds of an image.
 *
 * @param image the image as it is in the store
 * @param manifest the manifest in the archive, if it has one: the image's own, or one made anew
 * @param layers the layers in the archive, lowest first
 */
public record SavedImage(StoredImage image, Optional<Descriptor> manifest, List<Descriptor> layers) {
    public SavedImage {
        layers = List.copyOf(layers);
    }

    /** Whether the archive has the very manifest that was pulled. */
    public boolean manifestKept() {
        return manifest.filter(written -> written.digest().equals(image.manifestDigest()))
                .isPresent();
    }

    /** The result as the command line prints it. */
    public JsonObject toJson() {
        JsonObject.Builder json = JsonObject.builder()
                .put("manifestDigest", image.manifestDigest().toString())
                .put("manifestKept", manifestKept());
        manifest.ifPresent(
                written -> json.put("writtenManifestDigest", written.digest().toString()));
        List<JsonValue> list = new ArrayList<>();
        for (int i = 0; i < layers.size(); i++) {
            Digest received = image.manifest().layers().get(i).digest();
            list.add(JsonObject.builder()
                    .put("digest", received.toString())
                    .put("writtenDigest", layers.get(i).digest().toString())
                    .put("writtenSize", layers.get(i).size())
                    .build());
        }
        return json.put("configDigest", image.manifest().config().digest().toString())
                .put("layers", new JsonArray(list))
                .build();
    }
}
