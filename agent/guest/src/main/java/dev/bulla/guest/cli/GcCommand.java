package dev.bulla.guest.cli;

import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.check.GarbageCollection;
import dev.bulla.composefs.check.GcReport;
import dev.bulla.guest.bundle.StoredBundle;
import dev.bulla.guest.store.ImageLeftovers;
import dev.bulla.guest.store.MountTable;
import dev.bulla.guest.store.StoreUpkeep;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Deletes what nothing leads to. */
@Command(
        name = "gc",
        description = {
            "Delete what no name, no running bundle and no --keep leads to.",
            "Waits until nobody else uses the store; --dry-run does not."
        })
final class GcCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommonOptions common;

    @Option(names = "--dry-run", description = "say what would be deleted, and delete nothing")
    private boolean dryRun;

    @Option(
            names = "--keep",
            paramLabel = "NAME|DIGEST",
            arity = "1..*",
            description = "keep this image too: a name, a composefs digest or a manifest digest")
    private List<String> keep = new ArrayList<>();

    @Option(
            names = "--bundles",
            description = "delete what is left of all bundles that do not run, not only of those whose folder is gone")
    private boolean allBundles;

    @Option(names = "--output", paramLabel = "FORMAT", description = "text or json (default: text)")
    private OutputFormat output = OutputFormat.text;

    @Override
    public Integer call() throws IOException, CommandException {
        Set<String> roots = new LinkedHashSet<>();
        for (String each : keep) {
            roots.addAll(StoredImage.find(each, common.store()).entries());
        }
        UpkeepProgress progress = new UpkeepProgress(System.err, Terminal.isStderr(), InstantSource.system());
        Optional<GarbageCollection> opened =
                GarbageCollection.open(common.store(), dryRun, progress::waiting, progress);
        if (opened.isEmpty()) {
            print(Map.of(), Map.of());
            return ExitCode.DONE.code();
        }
        try (GarbageCollection collection = opened.orElseThrow()) {
            collect(collection, roots);
        } finally {
            progress.end();
        }
        return ExitCode.DONE.code();
    }

    /** Under the store's lock, to its end. */
    private void collect(GarbageCollection collection, Set<String> roots) throws IOException, CommandException {
        Path store = common.store().toRealPath();
        StoreUpkeep upkeep = new StoreUpkeep(store);
        Optional<String> broken = upkeep.brokenRecord();
        if (broken.isPresent()) {
            throw new CommandException(
                    ExitCode.CONTENT, broken.get() + "; nothing was deleted (see: bulla fsck --repair)");
        }
        List<StoredBundle> idle = new ArrayList<>();
        Set<VerityDigest> inUse = new HashSet<>();
        MountTable mounts = MountTable.read(Path.of("/proc"));
        for (StoredBundle bundle : StoredBundle.all(store)) {
            if (bundle.isRunning(mounts)) {
                inUse.add(bundle.image()
                        .orElseThrow(() -> new CommandException(
                                ExitCode.CONTENT,
                                bundle.folder() + ": a running bundle whose bundle.json does not say which image it"
                                        + " has mounted; nothing was deleted")));
            } else if (allBundles || bundle.isReleased()) {
                idle.add(bundle);
            }
        }
        GcReport report = collection.collect(roots, inUse);
        List<String> records = upkeep.recordsOfNothing(
                report.keptImages().stream().map(VerityDigest::hex).collect(Collectors.toSet()));
        ImageLeftovers leftovers = upkeep.leftovers(report, records);
        if (!dryRun) {
            upkeep.dropRecords(records);
            leftovers.delete();
            for (StoredBundle bundle : idle) {
                bundle.delete();
            }
        }
        Map<String, Long> deleted = new LinkedHashMap<>();
        deleted.put("objects", report.objects());
        deleted.put("bytes", report.bytes());
        deleted.put("images", report.images());
        deleted.put("streams", report.streams());
        deleted.put("danglingNames", (long) report.names().size());
        deleted.put("records", (long) records.size());
        deleted.put("signatures", (long) leftovers.signatures().size());
        deleted.put("layerOrigins", (long) leftovers.origins().size());
        deleted.put("authenticatedRecords", (long) leftovers.authenticated().size());
        deleted.put("bundles", (long) idle.size());
        deleted.put("leftovers", report.leftovers());
        deleted.put("leftoverBytes", report.leftoverBytes());
        Map<String, Long> kept = new LinkedHashMap<>();
        kept.put("objects", report.keptObjects());
        kept.put("images", (long) report.keptImages().size());
        kept.put("running", (long) inUse.size());
        print(deleted, kept);
    }

    private void print(Map<String, Long> deleted, Map<String, Long> kept) {
        PrintWriter out = spec.commandLine().getOut();
        if (output == OutputFormat.json) {
            out.println(JsonWriter.compact(JsonObject.builder()
                    .put("dryRun", dryRun)
                    .put("deleted", json(deleted))
                    .put("kept", json(kept))
                    .build()));
        } else {
            out.println(String.format(
                    Locale.ROOT, "%-13s %s", dryRun ? "would delete" : "deleted", words(deleted, "nothing")));
            out.println(String.format(Locale.ROOT, "%-13s %s", "kept", words(kept, "nothing")));
        }
        out.flush();
    }

    private static JsonObject json(Map<String, Long> counts) {
        JsonObject.Builder json = JsonObject.builder();
        counts.forEach(json::put);
        return json.build();
    }

    private static String words(Map<String, Long> counts, String none) {
        String words = counts.entrySet().stream()
                .filter(count -> count.getValue() > 0)
                .map(count -> count.getKey() + " " + count.getValue())
                .collect(Collectors.joining(", "));
        return words.isEmpty() ? none : words;
    }
}
