package dev.bulla.guest.cli;

import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.guest.store.ImageNames;
import dev.bulla.guest.store.ImageRecords;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Takes a name away. */
@Command(
        name = "untag",
        description = {
            "Take a name of an image away, and what is recorded of its pull.",
            "The image stays until bulla gc finds that nothing leads to it."
        })
final class UntagCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommonOptions common;

    @Parameters(paramLabel = "NAME", description = "the name, as bulla tags lists it or as for a pull")
    private String name = "";

    @Option(names = "--output", paramLabel = "FORMAT", description = "text or json (default: text)")
    private OutputFormat output = OutputFormat.text;

    @Override
    public Integer call() throws IOException, CommandException {
        Set<String> candidates = new LinkedHashSet<>(List.of(name));
        StoredImage.normalized(name).ifPresent(candidates::add);
        @Nullable String removed = null;
        for (String candidate : candidates) {
            if (removed == null && remove(candidate)) {
                removed = candidate;
            }
        }
        if (removed == null) {
            throw new CommandException(
                    ExitCode.STORE,
                    "there is no name " + name + " in the store " + common.store() + "; see: bulla tags");
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println(
                output == OutputFormat.json
                        ? JsonWriter.compact(
                                JsonObject.builder().put("untagged", removed).build())
                        : "untagged " + removed + "; to delete what nothing leads to now: bulla gc");
        out.flush();
        return ExitCode.DONE.code();
    }

    private boolean remove(String each) throws IOException {
        if (!Files.isDirectory(common.store())) {
            return false;
        }
        try (ObjectStore store = ObjectStore.openExisting(common.store())) {
            boolean named = new ImageNames(store).remove(each);
            return new ImageRecords(store.folder()).remove(each) || named;
        }
    }
}
