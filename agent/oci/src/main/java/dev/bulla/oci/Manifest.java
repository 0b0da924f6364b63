package dev.bulla.oci;

import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An image manifest, OCI's or Docker's schema 2.
 *
 * @param mediaType its media type
 * @param artifactType what it is, when it is no image
 * @param config the configuration's descriptor
 * @param layers the layers' descriptors, lowest first
 * @param annotations its annotations
 * @param subject what it refers to, if anything
 */
public record Manifest(
        String mediaType,
        Optional<String> artifactType,
        Descriptor config,
        List<Descriptor> layers,
        Map<String, String> annotations,
        Optional<Descriptor> subject)
        implements ManifestOrIndex {

    /** The most layers of an image. */
    public static final int MAX_LAYERS = 1024;

    public Manifest {
        layers = List.copyOf(layers);
        annotations = Map.copyOf(annotations);
    }

    /** An OCI image manifest of that configuration and those layers, for images that we write. */
    public static JsonObject toJson(Descriptor config, List<Descriptor> layers) {
        return JsonObject.builder()
                .put("schemaVersion", 2)
                .put("mediaType", MediaTypes.OCI_MANIFEST)
                .put("config", config.toJson())
                .put(
                        "layers",
                        new JsonArray(layers.stream()
                                .map(layer -> (JsonValue) layer.toJson())
                                .toList()))
                .build();
    }

    static Manifest read(String mediaType, JsonCursor.Members members) throws OciException {
        List<Descriptor> layers = new ArrayList<>();
        for (JsonCursor layer : members.required("layers").array()) {
            layers.add(Descriptor.read(layer));
        }
        if (layers.size() > MAX_LAYERS) {
            throw new OciException("manifest: got " + layers.size() + " layers, expected at most " + MAX_LAYERS);
        }
        Optional<JsonCursor> artifactType = members.present("artifactType");
        Optional<JsonCursor> annotations = members.present("annotations");
        Optional<JsonCursor> subject = members.present("subject");
        return new Manifest(
                mediaType,
                artifactType.isPresent() ? Optional.of(artifactType.get().string()) : Optional.empty(),
                Descriptor.read(members.required("config")),
                layers,
                annotations.isPresent() ? annotations.get().stringMap() : Map.of(),
                subject.isPresent() ? Optional.of(Descriptor.read(subject.get())) : Optional.empty());
    }
}
