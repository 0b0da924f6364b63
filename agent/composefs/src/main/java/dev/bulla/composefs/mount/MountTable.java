package dev.bulla.composefs.mount;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What is mounted where, by {@code /proc/self/mountinfo} (proc(5)). */
final class MountTable {
    private static final int POINT = 4;
    private static final int FIRST_OPTIONAL = 6;

    private MountTable() {}

    /**
     * A mount.
     *
     * @param type the file system's type, {@code overlay}
     * @param source what it says it was mounted from
     */
    record Entry(String type, String source) {}

    /** The topmost mount on this very folder. */
    static Optional<Entry> on(Path folder) throws IOException {
        return on(
                folder.toRealPath().toString(),
                Files.readAllLines(Path.of("/proc/self/mountinfo"), StandardCharsets.ISO_8859_1));
    }

    static Optional<Entry> on(String folder, List<String> mountInfo) {
        // The kernel writes bytes; so compare bytes, whatever character set names have.
        String wanted = new String(folder.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        Optional<Entry> topmost = Optional.empty();
        for (String line : mountInfo) {
            String[] fields = line.split(" ");
            int separator = List.of(fields).indexOf("-");
            if (separator >= FIRST_OPTIONAL
                    && separator + 2 < fields.length
                    && unescape(fields[POINT]).equals(wanted)) {
                topmost = Optional.of(new Entry(fields[separator + 1], unescape(fields[separator + 2])));
            }
        }
        return topmost;
    }

    /** White space and backslashes are written as three octal digits. */
    private static String unescape(String field) {
        return field.replace("\\040", " ")
                .replace("\\011", "\t")
                .replace("\\012", "\n")
                .replace("\\134", "\\");
    }
}
