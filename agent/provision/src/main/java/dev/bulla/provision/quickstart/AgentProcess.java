package dev.bulla.provision.quickstart;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** Runs the guest's program as a process of its own, in 64 MiB of heap. */
final class AgentProcess {
    private static final String MAIN = "dev.bulla.guest.cli.Main";
    private static final Duration LONGEST = Duration.ofMinutes(5);

    private final Path java;
    private final String classPath;
    private final PrintStream out;
    private final InstantSource clock;

    AgentProcess(Path javaHome, String classPath, PrintStream out, InstantSource clock) {
        this.java = javaHome.resolve("bin").resolve("java");
        this.classPath = classPath;
        this.out = out;
        this.clock = clock;
    }

    /**
     * What a run gave.
     *
     * @param exitCode its exit code
     * @param answer what it wrote to stdout
     * @param message the last line it wrote to stderr
     * @param took how long it ran
     */
    record Run(int exitCode, String answer, String message, Duration took) {}

    /**
     * Runs it; shows the command and what it says.
     *
     * @param shown the command as the reader is to see it
     */
    Run run(List<String> arguments, String shown) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                java.toString(),
                "-XX:+UseSerialGC",
                "-Xmx64m",
                "-XX:-UsePerfData",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                classPath,
                MAIN));
        command.addAll(arguments);
        out.println("    $ bulla " + shown);
        Instant started = clock.instant();
        Process process = new ProcessBuilder(command).start();
        process.getOutputStream().close();
        FutureTask<String> answer =
                new FutureTask<>(() -> new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        Thread.ofVirtual().start(answer);
        String message = "";
        // Stopped from aside, since reading its messages below lasts as long as it does.
        Thread watch = Thread.ofVirtual().start(() -> stopLate(process));
        try (BufferedReader messages =
                new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8))) {
            for (String line = messages.readLine(); line != null; line = messages.readLine()) {
                out.println("      " + line);
                message = line.isBlank() ? message : line;
            }
            int exitCode = process.waitFor();
            return new Run(exitCode, answer.get(), message, Duration.between(started, clock.instant()));
        } catch (ExecutionException e) {
            throw new IOException("the agent's stdout: " + e.getMessage(), e);
        } finally {
            process.destroyForcibly();
            watch.interrupt();
        }
    }

    private static void stopLate(Process process) {
        try {
            if (!process.waitFor(LONGEST.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // it ended in time
        }
    }
}
