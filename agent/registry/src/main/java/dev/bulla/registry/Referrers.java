package dev.bulla.registry;

import dev.bulla.oci.Descriptor;
import dev.bulla.oci.Digest;
import dev.bulla.oci.Manifest;
import dev.bulla.oci.MediaTypes;
import dev.bulla.oci.OciException;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonValue;
import dev.bulla.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The list of what refers to a manifest: an index whose entries say what type of artifact they are. It is the answer of the
 * referrers API, and, where a registry has none, what stands under the tag of {@link #tag}. Distribution specification 1.1,
 * "Listing Referrers" and "Referrers Tag Schema".
 *
 * <p><b>Security.</b> The source's word alone: an artifact says for itself what it is and what it refers to, and whoever uses
 * one reads that there.
 */
public final class Referrers {
    /** The most entries that are taken of one question. */
    public static final int MAX_REFERRERS = 100;

    /** The most pages of a list, each of at most {@link dev.bulla.oci.ManifestOrIndex#MAX_SIZE} bytes. */
    public static final int MAX_PAGES = 16;

    private Referrers() {}

    /** The tag under which the list stands where there is no referrers API. */
    public static String tag(Digest subject) {
        String tag = subject.algorithm().id() + "-" + subject.hex();
        return tag.length() <= 128 ? tag : tag.substring(0, 128);
    }

    /** What an artifact says that it is: its type, or its configuration's where it names none. */
    public static String artifactType(Manifest artifact) {
        return artifact.artifactType().orElse(artifact.config().mediaType());
    }

    /** The entries of these types. */
    static List<Descriptor> read(byte[] index, Set<String> artifactTypes) throws OciException {
        List<Descriptor> referrers = new ArrayList<>();
        for (JsonCursor entry :
                JsonCursor.parse(index).object().required("manifests").array()) {
            Optional<JsonCursor> type = entry.object().present("artifactType");
            if (type.isPresent() && artifactTypes.contains(type.get().string())) {
                referrers.add(Descriptor.read(entry));
            }
        }
        return bounded(referrers, artifactTypes);
    }

    static List<Descriptor> bounded(List<Descriptor> referrers, Set<String> artifactTypes) throws OciException {
        if (referrers.size() > MAX_REFERRERS) {
            throw new OciException("referrers: got " + referrers.size() + " of the type "
                    + String.join(" or ", new TreeSet<>(artifactTypes)) + ", expected at most " + MAX_REFERRERS);
        }
        return List.copyOf(referrers);
    }

    /**
     * A list with one entry more, for the tag of {@link #tag}; one for the same artifact is replaced.
     *
     * @param there the list that stands there, if one does
     * @param artifact the artifact's manifest
     * @param artifactType its type
     */
    public static byte[] with(Optional<byte[]> there, Descriptor artifact, String artifactType) throws OciException {
        List<JsonValue> entries = new ArrayList<>();
        if (there.isPresent()) {
            for (JsonCursor entry :
                    JsonCursor.parse(there.get()).object().required("manifests").array()) {
                if (!Descriptor.read(entry).digest().equals(artifact.digest())) {
                    entries.add(entry.value());
                }
            }
        }
        Map<String, JsonValue> members = new LinkedHashMap<>(artifact.toJson().members());
        members.put("artifactType", new JsonString(artifactType));
        entries.add(new JsonObject(members));
        return JsonWriter.compact(JsonObject.builder()
                        .put("schemaVersion", 2)
                        .put("mediaType", MediaTypes.OCI_INDEX)
                        .put("manifests", new JsonArray(entries))
                        .build())
                .getBytes(StandardCharsets.UTF_8);
    }
}
