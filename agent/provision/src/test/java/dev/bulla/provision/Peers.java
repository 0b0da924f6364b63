package dev.bulla.provision;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Programs that we did not write, found on PATH or where CI unpacks those that Debian stable lacks. */
final class Peers {
    private Peers() {}

    /** A program; without it the test is skipped, or fails where {@code -Dbulla.peers=required} says so. */
    static Path program(String name, String debianPackage) {
        List<String> folders = new ArrayList<>();
        String unpacked = System.getenv("BULLA_PEERS_DIR");
        if (unpacked != null) {
            folders.add(unpacked);
        }
        String path = System.getenv("PATH");
        if (path != null) {
            folders.addAll(List.of(path.split(":", -1)));
        }
        for (String folder : folders) {
            Path program = Path.of(folder).resolve(name);
            if (!folder.isEmpty() && Files.isExecutable(program)) {
                return program;
            }
        }
        String missing = "the program " + name + " is missing (Debian package " + debianPackage + ")";
        if (System.getProperty("bulla.peers", "").equals("required")) {
            return fail(missing);
        }
        return abort(missing);
    }

    /** What a run gave. */
    record Run(int exitCode, String output) {}

    static Run run(Path folder, Object... command) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>();
        for (Object word : command) {
            words.add(word.toString());
        }
        ProcessBuilder builder =
                new ProcessBuilder(words).directory(folder.toFile()).redirectErrorStream(true);
        builder.environment().put("COSIGN_PASSWORD", "");
        Process process = builder.start();
        process.getOutputStream().close();
        try (InputStream out = process.getInputStream()) {
            String output = new String(out.readAllBytes(), StandardCharsets.UTF_8);
            return new Run(process.waitFor(), output);
        }
    }

    static String runOk(Path folder, Object... command) throws IOException, InterruptedException {
        Run run = run(folder, command);
        if (run.exitCode() != 0) {
            return fail(List.of(command) + ": exit " + run.exitCode() + ": " + run.output());
        }
        return run.output();
    }
}
