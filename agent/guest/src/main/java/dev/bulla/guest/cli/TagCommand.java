package dev.bulla.guest.cli;

import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.guest.store.ImageNames;
import dev.bulla.guest.store.ImageRecords;
import dev.bulla.guest.store.StoreUpkeep;
import dev.bulla.oci.OciException;
import dev.bulla.oci.Quoted;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Gives an image of the store one more name. */
@Command(
        name = "tag",
        description = "Give an image of the store a name, in place of what the name led to. What has a name is kept.")
final class TagCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommonOptions common;

    @Parameters(index = "0", paramLabel = "IMAGE|DIGEST", description = "a name, a composefs or a manifest digest")
    private String image = "";

    @Parameters(index = "1", paramLabel = "NAME", description = "the name, written as for a pull")
    private String name = "";

    @Option(names = "--output", paramLabel = "FORMAT", description = "text or json (default: text)")
    private OutputFormat output = OutputFormat.text;

    @Override
    public Integer call() throws IOException, OciException, CommandException {
        String normalized = StoredImage.normalized(name)
                .orElseThrow(() -> new CommandException(
                        ExitCode.USAGE, "NAME: got " + Quoted.text(name) + ", expected an image's name as for a pull"));
        if (!Files.isDirectory(common.store())) {
            throw new CommandException(
                    ExitCode.STORE, "there is no store " + common.store() + "; images come into it by: bulla pull");
        }
        try (ObjectStore store = ObjectStore.openExisting(common.store())) {
            StoredImage found = StoredImage.find(image, store);
            ImageNames.Named named = new ImageNames.Named(normalized, found.manifest(), found.image());
            new ImageNames(store).put(named);
            record(store, found, normalized);
            PrintWriter out = spec.commandLine().getOut();
            out.println(
                    output == OutputFormat.json
                            ? JsonWriter.compact(TagsCommand.json(named))
                            : normalized + " is now "
                                    + found.image()
                                            .map(VerityDigest::hex)
                                            .or(() -> found.manifest().map(Object::toString))
                                            .orElseThrow());
            out.flush();
        }
        return ExitCode.DONE.code();
    }

    /** What is known of the image's pull holds under the new name too, and what was of another image does not. */
    private static void record(ObjectStore store, StoredImage found, String name) throws IOException, OciException {
        ImageRecords records = new ImageRecords(store.folder());
        Optional<JsonCursor> record =
                found.name().isPresent() ? records.get(found.name().orElseThrow()) : Optional.empty();
        if (record.isEmpty() && found.image().isPresent()) {
            String hex = found.image().orElseThrow().hex();
            for (JsonCursor each : records.all()) {
                if (StoreUpkeep.image(each).equals(hex)) {
                    record = Optional.of(each);
                    break;
                }
            }
        }
        if (record.isEmpty() || found.image().isEmpty()) {
            records.remove(name);
            return;
        }
        JsonObject.Builder copy = JsonObject.builder().put("image", name);
        record.orElseThrow().object().value().members().forEach((member, value) -> {
            if (!member.equals("image")) {
                copy.put(member, value);
            }
        });
        records.put(name, found.image().orElseThrow(), store.references(), copy.build());
    }
}
