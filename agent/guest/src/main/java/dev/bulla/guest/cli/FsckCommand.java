package dev.bulla.guest.cli;

import dev.bulla.composefs.check.CheckProgress;
import dev.bulla.composefs.check.Fsck;
import dev.bulla.composefs.check.FsckReport;
import dev.bulla.composefs.check.FsckScope;
import dev.bulla.composefs.check.Repair;
import dev.bulla.composefs.check.RepairReport;
import dev.bulla.guest.store.StoreUpkeep;
import dev.bulla.linux.Flock;
import dev.bulla.oci.json.JsonWriter;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Checks the store. */
@Command(
        name = "fsck",
        description = {
            "Check that everything in the store is what its name says: objects, streams, images, names.",
            "Exit codes: 0 clean (an absent store is), 6 something is broken, 7 the store cannot be read."
        })
final class FsckCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommonOptions common;

    @Option(names = "--metadata-only", description = "read no contents: only what leads where, and whether it is there")
    private boolean metadataOnly;

    @Option(
            names = "--repair",
            description =
                    "drop what is broken and what needs it, so that a pull stores it again; waits for pulls to end")
    private boolean repair;

    @Option(names = "--output", paramLabel = "FORMAT", description = "text or json (default: text)")
    private OutputFormat output = OutputFormat.text;

    @Option(names = "--json", description = "the same as --output json")
    private boolean json;

    @Override
    public Integer call() throws IOException, CommandException {
        FsckScope scope = metadataOnly ? FsckScope.METADATA_ONLY : FsckScope.EVERYTHING;
        UpkeepProgress progress = new UpkeepProgress(System.err, Terminal.isStderr(), InstantSource.system());
        FsckReport left;
        try {
            left = repair ? repair(scope, progress) : check(scope, progress);
        } finally {
            progress.end();
        }
        if (!left.isClean()) {
            long problems = left.problems().size() + left.unlisted();
            throw new CommandException(
                    ExitCode.CONTENT,
                    "store " + common.store() + ": " + problems + (problems == 1 ? " thing is" : " things are")
                            + " broken"
                            + (repair
                                    ? ", and cannot be repaired by dropping"
                                    : "; to drop what is: bulla fsck --repair --store " + common.store()));
        }
        return ExitCode.DONE.code();
    }

    private FsckReport check(FsckScope scope, CheckProgress progress) throws IOException {
        FsckReport report = records().withRecords(Fsck.check(common.store(), scope, progress));
        print(isJson() ? JsonWriter.compact(FsckText.json(report)) : FsckText.of(report));
        return report;
    }

    private FsckReport repair(FsckScope scope, UpkeepProgress progress) throws IOException {
        RepairReport done = Repair.run(common.store(), scope, progress::waiting, progress);
        List<Path> dropped = new ArrayList<>(done.dropped());
        FsckReport before = records().withRecords(done.before());
        FsckReport after = done.after();
        if (Files.isDirectory(common.store())) {
            // A pull that ends meanwhile must not have its record taken for one of nothing.
            try (Flock _ = Flock.exclusive(common.store().toRealPath())) {
                dropped.addAll(records().dropBrokenRecords());
                records().dropRecords(records().recordsOfNothing(records().images()));
                after = records().withRecords(after);
            }
        }
        RepairReport report = new RepairReport(before, dropped, done.restored(), after);
        print(isJson() ? JsonWriter.compact(FsckText.json(report)) : FsckText.of(report));
        return after;
    }

    private StoreUpkeep records() throws IOException {
        return new StoreUpkeep(Files.exists(common.store()) ? common.store().toRealPath() : common.store());
    }

    private boolean isJson() {
        return json || output == OutputFormat.json;
    }

    private void print(String text) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(text);
        out.flush();
    }
}
