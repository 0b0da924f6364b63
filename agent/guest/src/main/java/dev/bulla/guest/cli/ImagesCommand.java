package dev.bulla.guest.cli;

import dev.bulla.guest.store.ImageRecords;
import dev.bulla.oci.OciException;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Lists what was pulled. */
@Command(name = "images", description = "List the images in the store.")
final class ImagesCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommonOptions common;

    @Option(names = "--output", paramLabel = "FORMAT", description = "text or json (default: text)")
    private OutputFormat output = OutputFormat.text;

    @Override
    public Integer call() throws IOException, OciException {
        List<JsonCursor> records = new ImageRecords(common.store()).all();
        PrintWriter out = spec.commandLine().getOut();
        if (output == OutputFormat.json) {
            JsonArray images =
                    new JsonArray(records.stream().map(JsonCursor::value).toList());
            out.println(JsonWriter.compact(
                    JsonObject.builder().put("images", images).build()));
        } else {
            out.println(
                    String.format(Locale.ROOT, "%-60s %-14s %-12s %s", "IMAGE", "MANIFEST", "PLATFORM", "COMPOSEFS"));
            for (JsonCursor record : records) {
                JsonCursor.Members members = record.object();
                out.println(String.format(
                        Locale.ROOT,
                        "%-60s %-14s %-12s %s",
                        members.required("image").string(),
                        members.required("manifestDigest").string().replaceFirst("^[^:]*:(.{12}).*", "$1"),
                        members.required("platform").string(),
                        members.required("composefs")
                                .object()
                                .required("digest")
                                .string()));
            }
        }
        out.flush();
        return ExitCode.DONE.code();
    }
}
