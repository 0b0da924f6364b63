package dev.bulla.guest.cli;

import dev.bulla.guest.store.StoreBacking;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Where an export may go.
 *
 * <p><b>Security.</b> Plaintext of layers that were encrypted goes to storage that the host can read only by the user's word.
 * A pipe is the user's own affair: what reads it cannot be known.
 */
final class ExportTarget {
    private static final Path STDOUT = Path.of("/proc/self/fd/1");

    @Option(
            names = "--store-exposure",
            paramLabel = "accepted",
            description = "accepted: plaintext of encrypted layers may go to storage that the host can read")
    private @Nullable Exposure exposure;

    /** The one word that {@code --store-exposure} takes. */
    enum Exposure {
        accepted
    }

    /**
     * Refuses a file on storage that the host can read.
     *
     * @param what what is written, for the message
     */
    void requireProtected(Path file, String what) throws IOException, CommandException {
        Path folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(Path.of("/"));
        StoreBacking backing = StoreBacking.of(folder, Path.of("/proc"), Path.of("/sys"));
        if (backing == StoreBacking.UNPROTECTED && exposure == null) {
            throw new CommandException(
                    ExitCode.STORE,
                    file + ": its storage is " + backing.id() + ", and " + what + "; expected "
                            + StoreBacking.GUEST_MEMORY.id() + " or " + StoreBacking.DM_CRYPT.id()
                            + ", or --store-exposure=accepted");
        }
    }

    /** The file that stdout is, if it is one and not a pipe or a terminal. */
    static Optional<Path> stdoutFile() throws IOException {
        Path target = Files.readSymbolicLink(STDOUT);
        return target.isAbsolute() && Files.isRegularFile(target) ? Optional.of(target) : Optional.empty();
    }

    /** Whether stdout is a terminal. */
    static boolean isStdoutTerminal() throws IOException {
        String target = Files.readSymbolicLink(STDOUT).toString();
        return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
    }
}
