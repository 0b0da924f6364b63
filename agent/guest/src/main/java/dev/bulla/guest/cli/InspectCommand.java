package dev.bulla.guest.cli;

import dev.bulla.guest.pull.ImageName;
import dev.bulla.guest.store.ImageRecords;
import dev.bulla.oci.OciException;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows how an image in the store came to be there. */
@Command(name = "inspect", description = "Show an image of the store: digests, layers, and the policy's decision.")
final class InspectCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommonOptions common;

    @Option(names = "--output", paramLabel = "FORMAT", description = "text or json (default: text)")
    private OutputFormat output = OutputFormat.text;

    @Parameters(paramLabel = "IMAGE", description = "its name as it was pulled, or its composefs digest")
    private String image = "";

    @Override
    public Integer call() throws IOException, CommandException {
        JsonCursor record = find();
        PrintWriter out = spec.commandLine().getOut();
        out.println(
                output == OutputFormat.json ? JsonWriter.compact(record.value()) : JsonWriter.indented(record.value()));
        out.flush();
        return ExitCode.DONE.code();
    }

    private JsonCursor find() throws IOException, CommandException {
        ImageRecords records = new ImageRecords(common.store());
        try {
            Optional<JsonCursor> named = records.get(ImageName.parse(image).toString());
            if (named.isPresent()) {
                return named.get();
            }
        } catch (OciException e) {
            // no image's name: it may still be a digest
        }
        List<JsonCursor> found = new ArrayList<>();
        for (JsonCursor record : records.all()) {
            if (digestOf(record).equals(image)) {
                found.add(record);
            }
        }
        if (found.isEmpty()) {
            throw new CommandException(
                    ExitCode.STORE,
                    "image " + image + " is not in the store " + common.store() + "; see: bulla images");
        }
        return found.getFirst();
    }

    private static String digestOf(JsonCursor record) throws IOException {
        try {
            return record.object()
                    .required("composefs")
                    .object()
                    .required("digest")
                    .string();
        } catch (OciException e) {
            throw new IOException("a record of the store is broken: " + e.getMessage(), e);
        }
    }
}
