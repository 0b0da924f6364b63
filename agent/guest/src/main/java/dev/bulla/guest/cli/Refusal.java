package dev.bulla.guest.cli;

import java.io.PrintStream;
import org.jspecify.annotations.Nullable;

/** How a refusal reaches the user: one line on stderr, and what to do next where that is known. */
final class Refusal {
    private Refusal() {}

    static void print(PrintStream err, @Nullable String message, String... hints) {
        StringBuilder line = new StringBuilder("bulla: ");
        // A message is one line by our own rules; that of a library may not be.
        line.append(message == null ? "no reason was given" : message.replaceAll("\\s*\\R\\s*", "; "));
        for (String hint : hints) {
            line.append(" (").append(hint).append(')');
        }
        err.println(line);
        err.flush();
    }
}
