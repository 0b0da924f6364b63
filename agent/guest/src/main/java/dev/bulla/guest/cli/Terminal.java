package dev.bulla.guest.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What stderr is connected to. */
final class Terminal {
    private Terminal() {}

    /** Whether stderr is a terminal; {@code System.console()} would answer for stdin and stdout. */
    static boolean isStderr() {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException | UnsupportedOperationException e) {
            return false; // then nobody is looking at a terminal that we know of
        }
    }
}
