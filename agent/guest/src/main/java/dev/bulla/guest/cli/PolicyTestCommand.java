package dev.bulla.guest.cli;

import dev.bulla.guest.pull.ContentException;
import dev.bulla.guest.trial.PolicyTrial;
import dev.bulla.guest.trial.TrialCase;
import dev.bulla.guest.trial.Verdict;
import dev.bulla.oci.OciException;
import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonCursor;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import dev.bulla.oci.json.JsonWriter;
import dev.bulla.oci.yaml.YamlText;
import dev.bulla.policy.PolicyException;
import dev.bulla.policy.RequirementDecision;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bulla policy test}: a tenant's table of images and what the policy should say of each. */
@Command(
        name = "test",
        description = "Judge the images of a table and compare with what it expects; exit code 0 if all agree, else 3.")
final class PolicyTestCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings({"UnusedVariable", "NullAway.Init"}) // picocli sets and reads it
    private CommonOptions common;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private KbsOptions kbsOptions;

    @Option(
            names = "--platform",
            paramLabel = "OS/ARCH[/VARIANT]",
            description = "what the images are to run on (default: this machine)")
    private @Nullable String platform;

    @Option(names = "--output", paramLabel = "FORMAT", description = "text or json (default: text)")
    private OutputFormat output = OutputFormat.text;

    @Parameters(index = "0", paramLabel = "FILE", description = "the policy")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path file;

    @Parameters(
            index = "1",
            paramLabel = "CASES",
            description = "the table: a list of cases, JSON, or YAML by its name (docs/policy.md)")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path table;

    /**
     * What became of a case.
     *
     * @param row the case
     * @param verdict what the policy says; empty where the image could not be judged
     * @param problem what differs from what is expected; empty: nothing
     */
    private record Tried(TrialCase row, Optional<Verdict> verdict, Optional<String> problem) {
        String got() {
            return verdict.map(Verdict::outcome).orElse("error");
        }
    }

    @Override
    public Integer call() throws Exception {
        PolicyFile policy = PolicyFile.read(file);
        List<TrialCase> cases = cases();
        List<Tried> tried = new ArrayList<>();
        try (KbsAccess kbs = kbsOptions.open()) {
            PolicyTrial trial = new PolicyTrial(
                    policy.evaluator(kbsOptions.resources(kbs.client()).trusted()), PolicyFile.platform(platform));
            for (TrialCase row : cases) {
                tried.add(judge(trial, row));
            }
        }
        PrintWriter out = spec.commandLine().getOut();
        out.print(output == OutputFormat.json ? JsonWriter.compact(json(tried)) + "\n" : text(tried));
        out.flush();
        return (failed(tried) == 0 ? ExitCode.DONE : ExitCode.POLICY).code();
    }

    private List<TrialCase> cases() throws CommandException {
        Path folder = Optional.ofNullable(table.toAbsolutePath().getParent()).orElse(Path.of("/"));
        try {
            byte[] text = PolicyFile.read(table, TrialCase.MAX_LENGTH);
            String name = table.toString();
            boolean yaml = name.endsWith(".yaml") || name.endsWith(".yml");
            return TrialCase.parse(yaml ? YamlText.parse(text) : JsonCursor.parse(text), folder);
        } catch (OciException e) {
            throw new CommandException(ExitCode.USAGE, "cases " + table + ": " + e.getMessage(), e);
        }
    }

    /** A case that cannot be judged is no refusal that somebody may have expected: the table or its files are broken. */
    private static Tried judge(PolicyTrial trial, TrialCase row) {
        try {
            Verdict verdict = trial.judge(row.source(), row.image(), row.wraps());
            Optional<String> unreadable = verdict.decision().requirements().stream()
                    .filter(RequirementDecision::unreadable)
                    .findFirst()
                    .map(requirement -> "not judged: " + requirement.type() + ": " + requirement.reason());
            return new Tried(row, Optional.of(verdict), unreadable.or(() -> row.disagreement(verdict)));
        } catch (PolicyException | OciException | ContentException | IOException e) {
            return new Tried(row, Optional.empty(), Optional.of("not judged: " + Refusal.words(e)));
        }
    }

    private static long failed(List<Tried> tried) {
        return tried.stream().filter(one -> one.problem().isPresent()).count();
    }

    private static JsonObject json(List<Tried> tried) {
        List<JsonValue> rows = new ArrayList<>();
        for (Tried one : tried) {
            JsonObject.Builder json = JsonObject.builder()
                    .put("name", one.row().name())
                    .put("image", one.row().image().toString())
                    .put("expected", one.row().expected())
                    .put("got", one.got())
                    .put("agrees", one.problem().isEmpty());
            one.verdict().ifPresent(verdict -> {
                json.put("scope", verdict.decision().scope());
                verdict.decision()
                        .matrix()
                        .ifPresent(matrix -> json.put("cell", matrix.cell().key()));
                json.put("reason", verdict.reason());
            });
            one.problem().ifPresent(problem -> json.put("problem", problem));
            rows.add(json.build());
        }
        return JsonObject.builder()
                .put("cases", new JsonArray(rows))
                .put("agree", tried.size() - failed(tried))
                .put("differ", failed(tried))
                .build();
    }

    private static String text(List<Tried> tried) {
        StringBuilder text = new StringBuilder();
        for (Tried one : tried) {
            String line = one.problem()
                    .map(problem -> "differs: " + one.row().name() + ": " + problem)
                    .orElseGet(() -> "agrees:  " + one.row().name() + ": " + one.got() + " by "
                            + one.verdict().orElseThrow().decision().scope());
            text.append(Refusal.printable(line)).append('\n');
        }
        return text.append(tried.size())
                .append(tried.size() == 1 ? " case, " : " cases, ")
                .append(tried.size() - failed(tried))
                .append(" as expected, ")
                .append(failed(tried))
                .append(" not\n")
                .toString();
    }
}
