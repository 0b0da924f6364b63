package dev.bulla.guest.cli;

import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.guest.store.ImageNames;
import dev.bulla.oci.Digest;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import dev.bulla.oci.json.JsonWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Lists the names of the store's images. */
@Command(
        name = "tags",
        description = "List the names of the store's images, each with the manifest and the sealed image it leads to.")
final class TagsCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommonOptions common;

    @Option(names = "--output", paramLabel = "FORMAT", description = "text or json (default: text)")
    private OutputFormat output = OutputFormat.text;

    @Override
    public Integer call() throws IOException {
        List<ImageNames.Named> names = names();
        PrintWriter out = spec.commandLine().getOut();
        if (output == OutputFormat.json) {
            List<JsonValue> tags =
                    names.stream().map(named -> (JsonValue) json(named)).toList();
            out.println(JsonWriter.compact(
                    JsonObject.builder().put("tags", new JsonArray(tags)).build()));
        } else {
            out.println(String.format(Locale.ROOT, "%-60s %-71s %s", "NAME", "MANIFEST", "COMPOSEFS"));
            for (ImageNames.Named named : names) {
                out.println(String.format(
                        Locale.ROOT,
                        "%-60s %-71s %s",
                        Refusal.printable(named.name()),
                        named.manifest().map(Digest::toString).orElse("-"),
                        named.image().map(VerityDigest::hex).orElse("-")));
            }
        }
        out.flush();
        return ExitCode.DONE.code();
    }

    private List<ImageNames.Named> names() throws IOException {
        if (!Files.isDirectory(common.store().resolve("objects"))) {
            return List.of(); // no store, or one that a pull has only begun
        }
        try (ObjectStore store = ObjectStore.openForReading(common.store())) {
            return new ImageNames(store).list();
        }
    }

    /** A name as programs read it. */
    static JsonObject json(ImageNames.Named named) {
        JsonObject.Builder json = JsonObject.builder().put("name", named.name());
        named.manifest().ifPresent(digest -> json.put("manifestDigest", digest.toString()));
        named.image()
                .ifPresent(digest -> json.put(
                        "composefs",
                        JsonObject.builder()
                                .put("algorithm", digest.algorithm().hash().id())
                                .put("digest", digest.hex())
                                .build()));
        return json.build();
    }
}
