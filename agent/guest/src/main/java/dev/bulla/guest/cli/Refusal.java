package dev.bulla.guest.cli;

import dev.bulla.oci.ResourceException;
import dev.bulla.ocicrypt.NoKeyException;
import java.io.PrintStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How a refusal reaches the user: one line on stderr, and what to do next where that is known. */
final class Refusal {
    /** A layer may have many wraps; a line has room for few reasons. */
    private static final int MAX_REASONS = 3;

    private Refusal() {}

    /** What an exception says; the JDK's about files often give no more than the file's name. */
    static @Nullable String words(Throwable thrown) {
        return switch (thrown) {
            case FileSystemException e when e.getReason() != null -> e.getMessage();
            case NoSuchFileException e -> e.getMessage() + ": there is no such file";
            case AccessDeniedException e -> e.getMessage() + ": access is denied";
            case FileAlreadyExistsException e -> e.getMessage() + ": it is there already";
            case NoKeyException e -> e.getMessage() + unreleased(e);
            default -> thrown.getMessage();
        };
    }

    /** Why keys could not be fetched. What a key that was there did to a wrap stays untold: that would be an oracle. */
    private static String unreleased(NoKeyException thrown) {
        return thrown.refusals().stream()
                .map(Throwable::getCause)
                .filter(ResourceException.class::isInstance)
                .map(cause -> ": " + cause.getMessage())
                .distinct()
                .limit(MAX_REASONS)
                .collect(Collectors.joining());
    }

    static void print(PrintStream err, @Nullable String message, String... hints) {
        StringBuilder line = new StringBuilder("bulla: ");
        // A message is one line by our own rules; that of a library may not be.
        line.append(message == null ? "no reason was given" : message.replaceAll("\\s*\\R\\s*", "; "));
        for (String hint : hints) {
            line.append(" (").append(hint).append(')');
        }
        err.println(printable(line.toString()));
        err.flush();
    }

    /** A word of the command line, or of a library, must not move a terminal's cursor or colour it. */
    static String printable(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (Character.isISOControl(c)
                    || Character.getType(c) == Character.FORMAT
                    || Character.getType(c) == Character.SURROGATE) {
                out.append(String.format(Locale.ROOT, "\\u{%x}", c));
            } else {
                out.appendCodePoint(c);
            }
        });
        return out.toString();
    }
}
