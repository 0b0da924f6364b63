package dev.bulla.guest.store;

import dev.bulla.linux.PathBytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What is mounted, as far as this process can see it: in its own mount namespace, and in those of the processes whose tables
 * it may read.
 *
 * <p>Follows proc(5) of mountinfo. Names are bytes there, and so they are here.
 */
public final class MountTable {
    /** A line of a table; texts are bytes, read as ISO 8859-1. */
    private record Mount(String device, String point, String type, String options) {}

    private final Set<Mount> own;
    private final Set<Mount> all;

    private MountTable(Set<Mount> own, Set<Mount> all) {
        this.own = own;
        this.all = all;
    }

    /**
     * Reads the tables.
     *
     * @param proc the proc file system, {@code /proc}
     * @throws IOException when not even its own can be read
     */
    public static MountTable read(Path proc) throws IOException {
        Set<Mount> own = parse(proc.resolve("self/mountinfo"));
        Set<Mount> all = new HashSet<>(own);
        Set<Path> seen = new HashSet<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(proc, "[0-9]*")) {
            for (Path process : processes) {
                try {
                    if (seen.add(Files.readSymbolicLink(process.resolve("ns/mnt")))) {
                        all.addAll(parse(process.resolve("mountinfo")));
                    }
                } catch (IOException e) {
                    // it has ended, or is another user's
                }
            }
        }
        return new MountTable(own, all);
    }

    private static Set<Mount> parse(Path table) throws IOException {
        Set<Mount> mounts = new HashSet<>();
        for (String line : Files.readAllLines(table, StandardCharsets.ISO_8859_1)) {
            // id parent major:minor root mount-point options [optional…] - type source super-options
            List<String> fields = new ArrayList<>(List.of(line.split(" ", -1)));
            int separator = fields.indexOf("-");
            if (separator >= 6 && separator + 3 < fields.size()) {
                mounts.add(new Mount(
                        fields.get(2),
                        unescape(fields.get(4)),
                        fields.get(separator + 1),
                        unescape(fields.get(separator + 3))));
            }
        }
        return mounts;
    }

    /** The kernel writes white space, backslashes and number signs as three octal digits. */
    private static String unescape(String field) {
        StringBuilder out = new StringBuilder(field.length());
        for (int i = 0; i < field.length(); i++) {
            char c = field.charAt(i);
            if (c == '\\' && i + 3 < field.length() && isOctal(field, i + 1)) {
                out.append((char) Integer.parseInt(field.substring(i + 1, i + 4), 8));
                i += 3;
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }

    private static boolean isOctal(String text, int from) {
        return text.substring(from, from + 3).chars().allMatch(c -> c >= '0' && c <= '7');
    }

    private static String bytes(Path path) {
        return new String(PathBytes.of(path), StandardCharsets.ISO_8859_1);
    }

    /** Whether something is mounted on this folder, in this process's own namespace. */
    public boolean isMountPoint(Path folder) {
        String point = bytes(folder);
        return own.stream().anyMatch(mount -> mount.point.equals(point));
    }

    /** Whether an overlay of that device number, {@code major:minor}, is mounted in any namespace. */
    public boolean hasOverlay(String device) {
        return all.stream().anyMatch(mount -> mount.type.equals("overlay") && mount.device.equals(device));
    }

    /** Whether an overlay that says it writes to this folder is mounted in any namespace; not all kernels let it say so. */
    public boolean hasUpper(Path upper) {
        String option = "upperdir=" + bytes(upper);
        return all.stream()
                .anyMatch(mount -> mount.type.equals("overlay")
                        && List.of(mount.options.split(",", -1)).contains(option));
    }
}
