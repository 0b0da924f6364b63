package dev.bulla.provision.peer;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One run of a program, ended.
 *
 * @param command what was run
 * @param exit its exit code
 * @param out what it wrote to its standard output
 * @param err what it wrote to its standard error
 */
public record ProgramRun(List<String> command, int exit, String out, String err) {
    private static final long LONGEST_MINUTES = 3;

    /**
     * Runs a program to its end.
     *
     * @param folder where it runs
     * @param environment what is added to its environment
     */
    public static ProgramRun of(Path folder, Map<String, String> environment, List<String> command)
            throws IOException, InterruptedException {
        Path out = Files.createTempFile(folder, "run", ".out");
        Path err = Files.createTempFile(folder, "run", ".err");
        try {
            ProcessBuilder builder = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectOutput(out.toFile())
                    .redirectError(err.toFile());
            builder.environment().put("LC_ALL", "C.UTF-8");
            builder.environment().putAll(environment);
            Process process = builder.start();
            if (!process.waitFor(LONGEST_MINUTES, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new AssertionError(command + " did not end within " + LONGEST_MINUTES + " minutes: "
                        + Files.readString(err, StandardCharsets.UTF_8));
            }
            return new ProgramRun(
                    List.copyOf(command),
                    process.exitValue(),
                    Files.readString(out, StandardCharsets.UTF_8),
                    Files.readString(err, StandardCharsets.UTF_8));
        } finally {
            Files.deleteIfExists(out);
            Files.deleteIfExists(err);
        }
    }

    /** Runs the program whose {@code main} is in {@code type} as a process of its own, with this process's class path. */
    public static ProgramRun ofMain(String type, Path folder, List<String> arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home", ""), "bin", "java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path", ""),
                type));
        command.addAll(arguments);
        ProgramRun run = of(folder, Map.of(), command);
        List<String> shown = new ArrayList<>(List.of(type));
        shown.addAll(arguments);
        return new ProgramRun(shown, run.exit, run.out, run.err);
    }

    /** This run, which succeeded. */
    public ProgramRun succeeded() {
        return ended(0);
    }

    /** This run, which ended with that exit code. */
    public ProgramRun ended(int expected) {
        if (exit != expected) {
            throw new AssertionError(
                    command + ": got exit code " + exit + ", expected " + expected + "\n" + out + "\n" + err);
        }
        return this;
    }
}
