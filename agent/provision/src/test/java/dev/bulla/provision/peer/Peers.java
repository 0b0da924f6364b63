package dev.bulla.provision.peer;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The programs of others that tests need: found in the folder that the system property {@code bulla.peers.dir} or the
 * environment's {@code BULLA_PEERS_DIR} names, else on the PATH.
 *
 * <p>One that is absent skips the test and names the Debian package that has it; with {@code -Dbulla.peers=required} it
 * fails the test.
 */
public final class Peers {
    private Peers() {}

    /** Where a program is, or the end of the test. */
    public static Path find(String program, String debianPackage) {
        Optional<Path> file = locate(program);
        if (file.isPresent()) {
            return file.get();
        }
        String absent = program + " is absent; it is in Debian's package " + debianPackage;
        return System.getProperty("bulla.peers", "optional").equals("required") ? fail(absent) : abort(absent);
    }

    /** Where a program is that Debian does not have, or the end of the test, which is skipped whatever is required. */
    public static Path findOptional(String program, String origin) {
        return locate(program).orElseGet(() -> abort(program + " is absent; it is of " + origin));
    }

    private static Optional<Path> locate(String program) {
        return folders().stream()
                .map(folder -> folder.resolve(program))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static List<Path> folders() {
        List<Path> folders = new ArrayList<>();
        String named = System.getProperty("bulla.peers.dir", System.getenv().getOrDefault("BULLA_PEERS_DIR", ""));
        if (!named.isEmpty()) {
            folders.add(Path.of(named));
        }
        for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator, -1)) {
            folders.add(Path.of(folder.isEmpty() ? "." : folder));
        }
        // Debian keeps what only root needs apart, and not on everybody's PATH
        folders.add(Path.of("/usr/sbin"));
        folders.add(Path.of("/sbin"));
        return folders;
    }
}
