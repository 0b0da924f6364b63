package dev.bulla.guest.cli;

import dev.bulla.composefs.ComposefsException;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.check.ImageSize;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.guest.store.ImageNames;
import dev.bulla.guest.store.ImageRecords;
import dev.bulla.guest.store.StoreUpkeep;
import dev.bulla.linux.LinuxException;
import dev.bulla.oci.OciException;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import dev.bulla.oci.json.JsonWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Lists the images of the store: what was pulled, and what has a name besides. */
@Command(name = "images", description = "List the images in the store.")
final class ImagesCommand implements Callable<Integer> {
    private static final String ROW = "%-60s %-14s %-12s %-10s %-15s %-13s %s";
    private static final String UNKNOWN = "-";

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommonOptions common;

    @Option(names = "--output", paramLabel = "FORMAT", description = "text or json (default: text)")
    private OutputFormat output = OutputFormat.text;

    /** A row: an image as it is recorded, or as much of that as a name says. */
    private record Row(JsonCursor image, Optional<ImageSize> size) {
        /** The text at a path of the record, or a hyphen. */
        String text(String... path) throws OciException {
            Optional<JsonCursor> at = Optional.of(image);
            for (String name : path) {
                at = at.get().object().optional(name);
                if (at.isEmpty()) {
                    return UNKNOWN;
                }
            }
            return at.get().string();
        }

        JsonObject json() throws OciException {
            JsonObject.Builder json = JsonObject.builder();
            image.object().value().members().forEach(json::put);
            size.ifPresent(each -> json.put(
                    "size",
                    JsonObject.builder()
                            .put("objects", each.objects())
                            .put("bytes", each.bytes())
                            .build()));
            return json.build();
        }
    }

    @Override
    public Integer call() throws IOException, OciException {
        List<Row> rows = rows();
        PrintWriter out = spec.commandLine().getOut();
        if (output == OutputFormat.json) {
            List<JsonValue> images = new ArrayList<>();
            for (Row row : rows) {
                images.add(row.json());
            }
            out.println(JsonWriter.compact(
                    JsonObject.builder().put("images", new JsonArray(images)).build()));
        } else {
            out.println(String.format(
                    Locale.ROOT, ROW, "IMAGE", "MANIFEST", "PLATFORM", "SIZE", "SEALED", "ENFORCEMENT", "COMPOSEFS"));
            for (Row row : rows) {
                out.println(String.format(
                        Locale.ROOT,
                        ROW,
                        Refusal.printable(row.text("image")),
                        row.text("manifestDigest").replaceFirst("^[^:]*:(.{12}).*", "$1"),
                        row.text("platform"),
                        row.size().map(size -> amount(size.bytes())).orElse(UNKNOWN),
                        row.text("composefs", "format") + " " + row.text("composefs", "mapping"),
                        row.text("composefs", "enforcement"),
                        row.text("composefs", "digest")));
            }
        }
        out.flush();
        return ExitCode.DONE.code();
    }

    private List<Row> rows() throws IOException, OciException {
        List<JsonCursor> images = new ArrayList<>(new ImageRecords(common.store()).all());
        if (!Files.isDirectory(common.store().resolve("objects"))) {
            return images.stream()
                    .map(image -> new Row(image, Optional.empty()))
                    .toList();
        }
        try (ObjectStore store = ObjectStore.openForReading(common.store())) {
            Set<String> recorded = new HashSet<>();
            for (JsonCursor image : images) {
                recorded.add(ImageRecords.referenceName(StoreUpkeep.name(image)));
            }
            for (ImageNames.Named named : new ImageNames(store).list()) {
                if (!recorded.contains(named.name())) {
                    images.add(new JsonCursor(unrecorded(named), "$"));
                }
            }
            Map<String, Optional<ImageSize>> sizes = new HashMap<>();
            List<Row> rows = new ArrayList<>();
            for (JsonCursor image : images) {
                Optional<JsonCursor> composefs = image.object().optional("composefs");
                String digest = composefs.isEmpty() ? "" : StoreUpkeep.image(image);
                if (!sizes.containsKey(digest)) {
                    sizes.put(digest, size(store, digest));
                }
                rows.add(new Row(image, sizes.getOrDefault(digest, Optional.empty())));
            }
            return rows;
        }
    }

    private static JsonObject unrecorded(ImageNames.Named named) {
        JsonObject.Builder json = JsonObject.builder();
        TagsCommand.json(named)
                .members()
                .forEach((name, value) -> json.put(name.equals("name") ? "image" : name, value));
        return json.build();
    }

    /** Empty where the image is not there, or cannot be read: a check says why. */
    private static Optional<ImageSize> size(ObjectStore store, String hex) throws IOException {
        if (!hex.matches("[0-9a-f]{" + 2 * store.algorithm().length() + "}")) {
            return Optional.empty();
        }
        VerityDigest digest = new VerityDigest(store.algorithm(), hex);
        try {
            return store.hasImage(digest) ? Optional.of(ImageSize.of(store, digest)) : Optional.empty();
        } catch (ComposefsException | LinuxException e) {
            return Optional.empty();
        }
    }

    private static String amount(long bytes) {
        return bytes < 1_000_000
                ? String.format(Locale.ROOT, "%.1f kB", bytes / 1e3)
                : String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
    }
}
