package dev.bulla.guest.cli;

import dev.bulla.oci.json.JsonWriter;
import dev.bulla.policy.PolicyException;
import dev.bulla.policy.lint.PolicyExplanation;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bulla policy explain}: what a policy would ask of an image of some name. */
@Command(
        name = "explain",
        description =
                "Say what a policy asks of an image of that name: which scope decides, each requirement in words, what the"
                        + " matrix says. Looks at no image and asks nobody.")
final class PolicyExplainCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings({"UnusedVariable", "NullAway.Init"}) // picocli sets and reads it
    private CommonOptions common;

    @Option(names = "--output", paramLabel = "FORMAT", description = "text or json (default: text)")
    private OutputFormat output = OutputFormat.text;

    @Parameters(index = "0", paramLabel = "FILE", description = "the policy")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Path file;

    @Parameters(
            index = "1",
            paramLabel = "IMAGE",
            description = "[docker://]REFERENCE or oci:DIR[:TAG], as it is pulled")
    private String image = "";

    @Override
    public Integer call() throws CommandException, PolicyException, IOException {
        PolicyFile policy = PolicyFile.read(file);
        PolicyExplanation explanation = PolicyExplanation.of(policy.bytes(), policy.origin(), PolicyFile.judged(image));
        PrintWriter out = spec.commandLine().getOut();
        out.print(output == OutputFormat.json ? JsonWriter.compact(explanation.toJson()) + "\n" : explanation.toText());
        out.flush();
        return ExitCode.DONE.code();
    }
}
