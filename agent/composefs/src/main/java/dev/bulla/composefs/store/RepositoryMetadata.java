package dev.bulla.composefs.store;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.FormatVersion;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonException;
import dev.bulla.oci.json.JsonNumber;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonString;
import dev.bulla.oci.json.JsonValue;
import dev.bulla.oci.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What a repository says of itself, {@code meta.json} as composefs-rs has it.
 *
 * <p><b>Security.</b> It is configuration, not evidence: whoever can write it can write any of it. It decides how digests are
 * computed and whether an object without fs-verity is taken, never what an image's digest should be.
 *
 * @param algorithm how objects are named
 * @param compatible features that a reader or writer need not know
 * @param readOnlyCompatible features that a reader need not know and a writer must
 * @param incompatible features that everybody must know
 * @param defaultFormat the image format that is written
 * @param extraFormats further ones that are written beside it
 */
public record RepositoryMetadata(
        VerityAlgorithm algorithm,
        List<String> compatible,
        List<String> readOnlyCompatible,
        List<String> incompatible,
        FormatVersion defaultFormat,
        SortedSet<FormatVersion> extraFormats) {
    /** The file's name in the repository. */
    public static final String FILE = "meta.json";

    /** The most bytes that are read of it. */
    public static final int MAX_BYTES = 1 << 16;

    /** The feature of repositories whose images are of format 1. */
    public static final String V1_EROFS = "v1_erofs";

    private static final int VERSION = 1;
    private static final int MAX_FEATURES = 64;

    public RepositoryMetadata {
        requireNonNull(algorithm, "algorithm is null");
        requireNonNull(defaultFormat, "defaultFormat is null");
        compatible = List.copyOf(compatible);
        readOnlyCompatible = List.copyOf(readOnlyCompatible);
        incompatible = List.copyOf(incompatible);
        extraFormats = Collections.unmodifiableSortedSet(new TreeSet<>(extraFormats));
    }

    /** That of a new repository: images of format 1. */
    public static RepositoryMetadata of(VerityAlgorithm algorithm) {
        return new RepositoryMetadata(
                algorithm, List.of(), List.of(V1_EROFS), List.of(), FormatVersion.V1, new TreeSet<>());
    }

    /**
     * Reads it.
     *
     * @param utf8 the file, of at most {@link #MAX_BYTES}
     * @throws RepositoryMetadataException when it is malformed, of a later version, of an unknown algorithm, or has an
     *     incompatible feature that is unknown
     */
    public static RepositoryMetadata parse(byte[] utf8) throws RepositoryMetadataException {
        return parse(utf8, FILE);
    }

    static RepositoryMetadata parse(byte[] utf8, String where) throws RepositoryMetadataException {
        if (utf8.length > MAX_BYTES) {
            throw new RepositoryMetadataException(where, "more than " + MAX_BYTES + " bytes");
        }
        try {
            return parse(JsonCursor.parse(utf8).object());
        } catch (JsonException e) {
            throw new RepositoryMetadataException(where, e.getMessage(), e);
        }
    }

    private static RepositoryMetadata parse(JsonCursor.Members json) throws JsonException {
        // First the version: what follows may mean something else in another.
        json.required("version").integer(VERSION, VERSION);
        JsonCursor name = json.required("algorithm");
        String id = name.string();
        VerityAlgorithm algorithm = VerityAlgorithm.parse(id)
                .orElseThrow(() -> name.refuse(
                        "got " + Quoted.text(id) + ", expected an algorithm as " + VerityAlgorithm.SHA256_4K));
        Optional<JsonCursor> features = json.optional("features");
        List<String> compatible = List.of();
        List<String> readOnlyCompatible = List.of();
        List<String> incompatible = List.of();
        if (features.isPresent()) {
            JsonCursor.Members sets = features.get().object();
            compatible = features(sets, "compatible");
            readOnlyCompatible = features(sets, "read-only-compatible");
            incompatible = features(sets, "incompatible");
            if (!incompatible.isEmpty()) {
                throw features.get().refuse("unknown incompatible feature " + Quoted.text(incompatible.getFirst()));
            }
        }
        FormatVersion format = FormatVersion.V2;
        SortedSet<FormatVersion> extra = new TreeSet<>();
        Optional<JsonCursor> formats = json.optional("erofs_formats");
        if (formats.isPresent()) {
            JsonCursor.Members members = formats.get().object();
            format = format(members.required("default"));
            Optional<JsonCursor> others = members.optional("extra");
            if (others.isPresent()) {
                for (JsonCursor other : others.get().array()) {
                    extra.add(format(other));
                }
            }
        }
        // Repositories from before erofs_formats say it by the feature alone.
        if (format == FormatVersion.V2 && extra.isEmpty() && readOnlyCompatible.contains(V1_EROFS)) {
            format = FormatVersion.V1;
        }
        return new RepositoryMetadata(algorithm, compatible, readOnlyCompatible, incompatible, format, extra);
    }

    private static FormatVersion format(JsonCursor number) throws JsonException {
        int wanted = (int) number.integer(0, FormatVersion.V2.number());
        return FormatVersion.ofNumber(wanted)
                .orElseThrow(() -> number.refuse("got " + wanted + ", expected the number of an image format"));
    }

    private static List<String> features(JsonCursor.Members sets, String name) throws JsonException {
        Optional<JsonCursor> set = sets.optional(name);
        if (set.isEmpty()) {
            return List.of();
        }
        List<String> features = set.get().strings();
        if (features.size() > MAX_FEATURES) {
            throw set.get().refuse(features.size() + " features, limit " + MAX_FEATURES);
        }
        return features;
    }

    /** The features that forbid us to write, since we do not know them. */
    public List<String> unknownReadOnlyCompatible() {
        return readOnlyCompatible.stream().filter(f -> !f.equals(V1_EROFS)).toList();
    }

    /** The file's bytes: indented by two, with a newline at the end. */
    public byte[] toJson() {
        JsonObject.Builder formats = JsonObject.builder().put("default", defaultFormat.number());
        if (!extraFormats.isEmpty()) {
            List<JsonValue> numbers = new ArrayList<>();
            extraFormats.forEach(f -> numbers.add(JsonNumber.of(f.number())));
            formats.put("extra", new JsonArray(numbers));
        }
        JsonObject json = JsonObject.builder()
                .put("version", VERSION)
                .put("algorithm", algorithm.id())
                .put(
                        "features",
                        JsonObject.builder()
                                .put("compatible", strings(compatible))
                                .put("read-only-compatible", strings(readOnlyCompatible))
                                .put("incompatible", strings(incompatible))
                                .build())
                .put("erofs_formats", formats.build())
                .build();
        return (JsonWriter.indented(json) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private static JsonArray strings(List<String> texts) {
        List<JsonValue> values = new ArrayList<>();
        texts.forEach(t -> values.add(new JsonString(t)));
        return new JsonArray(values);
    }
}
