package dev.bulla.guest.cli;

import dev.bulla.oci.json.JsonArray;
import dev.bulla.oci.json.JsonObject;
import dev.bulla.oci.json.JsonValue;
import dev.bulla.oci.json.JsonWriter;
import dev.bulla.policy.lint.Finding;
import dev.bulla.policy.lint.PolicyLint;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bulla policy lint}: what a policy's author may not have meant. */
@Command(
        name = "lint",
        description =
                "Find what a policy's author may not have meant: scopes that no image has, requirements weaker than they"
                        + " look, keys that are not to be had, weak or expired. Asks nobody; exit code 3 with an error or warning.")
final class PolicyLintCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings({"UnusedVariable", "NullAway.Init"}) // picocli sets and reads it
    private CommonOptions common;

    @Option(names = "--output", paramLabel = "FORMAT", description = "text or json (default: text)")
    private OutputFormat output = OutputFormat.text;

    @Parameters(paramLabel = "FILE", description = "the policy")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path file;

    @Override
    public Integer call() throws CommandException {
        PolicyFile policy = PolicyFile.read(file);
        List<Finding> findings = new PolicyLint(PolicyFile.files(), Optional.of(policy.folder()), GuestTime.apart())
                .findings(policy.bytes(), policy.origin());
        PrintWriter out = spec.commandLine().getOut();
        out.print(output == OutputFormat.json ? json(findings) + "\n" : text(findings));
        out.flush();
        return (findings.stream().anyMatch(Finding::objects) ? ExitCode.POLICY : ExitCode.DONE).code();
    }

    private static long count(List<Finding> findings, Finding.Severity severity) {
        return findings.stream()
                .filter(finding -> finding.severity() == severity)
                .count();
    }

    private static String json(List<Finding> findings) {
        JsonObject.Builder json = JsonObject.builder()
                .put(
                        "findings",
                        new JsonArray(findings.stream()
                                .<JsonValue>map(Finding::toJson)
                                .toList()));
        for (Finding.Severity severity : Finding.Severity.values()) {
            json.put(severity.id() + "s", count(findings, severity));
        }
        return JsonWriter.compact(json.build());
    }

    private static String text(List<Finding> findings) {
        StringBuilder text = new StringBuilder();
        findings.forEach(finding -> text.append(finding.toText()));
        for (Finding.Severity severity : Finding.Severity.values()) {
            text.append(severity == Finding.Severity.ERROR ? "" : ", ")
                    .append(count(findings, severity))
                    .append(' ')
                    .append(severity.id())
                    .append('s');
        }
        return text.append('\n').toString();
    }
}
