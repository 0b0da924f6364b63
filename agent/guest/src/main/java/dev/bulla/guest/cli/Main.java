package dev.bulla.guest.cli;

import static java.util.Objects.requireNonNull;

import dev.bulla.composefs.ComposefsDump;
import dev.bulla.composefs.ComposefsInfo;
import dev.bulla.composefs.MkComposefs;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine;

/** The guest's program. */
public final class Main {
    private static final Set<String> C_TOOLS = Set.of("mkcomposefs", "composefs-info", "composefs-dump");

    private Main() {}

    public static void main(String[] args) {
        System.exit(run(args, List.of()));
    }

    /**
     * Runs a command line and gives its exit code.
     *
     * @param args the words behind the program's name
     * @param moreCommands further picocli commands, for a program that knows more than the guest
     */
    public static int run(String[] args, List<Object> moreCommands) {
        return run(args, moreCommands, Map.of());
    }

    /**
     * Runs a command line and gives its exit code.
     *
     * @param args the words behind the program's name
     * @param moreCommands further picocli commands, for a program that knows more than the guest
     * @param moreOf further sub-commands of the guest's commands, by the command's name
     */
    public static int run(String[] args, List<Object> moreCommands, Map<String, List<Object>> moreOf) {
        if (args.length > 0 && C_TOOLS.contains(args[0])) {
            return cTool(args[0], Arrays.copyOfRange(args, 1, args.length));
        }
        CommandLine commands = new CommandLine(new Bulla());
        moreCommands.forEach(commands::addSubcommand);
        moreOf.forEach((name, more) ->
                more.forEach(requireNonNull(commands.getSubcommands().get(name), name)::addSubcommand));
        commands.setCaseInsensitiveEnumValuesAllowed(false);
        commands.setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8));
        commands.setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8));
        commands.setParameterExceptionHandler((e, words) -> {
            Refusal.print(
                    System.err,
                    e.getMessage(),
                    "try: " + e.getCommandLine().getCommandSpec().qualifiedName() + " --help");
            return ExitCode.USAGE.code();
        });
        commands.setExecutionExceptionHandler((e, commandLine, result) -> refuse(e, args));
        int code;
        try {
            code = commands.execute(args);
        } catch (Error e) {
            // picocli hands on exceptions only, and what comes from outside may exhaust the heap.
            return refuse(e, args);
        }
        if (code == ExitCode.DONE.code() && commands.getOut().checkError()) {
            Refusal.print(System.err, "standard output: the result could not be written");
            return ExitCode.STORE.code();
        }
        return code;
    }

    private static int refuse(Throwable thrown, String[] args) {
        ExitCode code = ExitCode.of(thrown);
        String message = switch (thrown) {
            case OutOfMemoryError e ->
                "out of memory: what was read needs more than the heap of "
                        + (Runtime.getRuntime().maxMemory() >> 20) + " MiB";
            case StackOverflowError e -> "out of memory: what was read is nested too deeply";
            default -> code == ExitCode.DEFECT ? "defect: " + thrown : Refusal.words(thrown);
        };
        Refusal.print(System.err, message);
        if (debug(args)) {
            thrown.printStackTrace(System.err);
        }
        return code.code();
    }

    private static boolean debug(String[] args) {
        return Arrays.asList(args).contains("--debug");
    }

    /** The C tools' arguments are theirs to the letter, so they are not read by our own rules. */
    private static int cTool(String name, String[] args) {
        PrintStream out = System.out;
        if (Arrays.equals(args, new String[] {"--help"})) { // an error to the C tools, and every command of ours has it
            out.println(
                    switch (name) {
                        case "mkcomposefs" -> MkComposefs.usage();
                        case "composefs-info" -> ComposefsInfo.usage();
                        default -> ComposefsDump.usage();
                    });
            return ExitCode.DONE.code();
        }
        try {
            return switch (name) {
                case "mkcomposefs" -> MkComposefs.run(args, System.getenv(), System.in, out, System.err);
                case "composefs-info" -> ComposefsInfo.run(args, out, System.err);
                default -> ComposefsDump.run(args, System.err);
            };
        } finally {
            out.flush();
        }
    }
}
