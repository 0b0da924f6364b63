package dev.bulla.composefs.bench;

import java.io.BufferedOutputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.Random;

/**
 * Writes dumps for timing {@code mkcomposefs --from-file}: the same bytes for the same words, on every machine.
 *
 * <pre>
 * DumpGenerator tree INODES FILE     like a distribution's /usr: 11 % folders, 4 % symbolic links, the rest files
 * DumpGenerator labels INODES FILE   the same with SELinux labels, a hundred of them
 * DumpGenerator files COUNT FILE     a folder of COUNT empty files
 * DumpGenerator links COUNT FILE     a folder of one file and COUNT further names of it
 * DumpGenerator xattrs COUNT FILE    files with COUNT attributes each, of their own, 200,000 attributes in all
 * </pre>
 */
public final class DumpGenerator {
    private static final int FOLDER_PERCENT = 11;
    private static final int SYMLINK_PERCENT = 4;
    private static final int XATTRS = 200_000;
    private static final int DEEPEST = 9;

    private final Random random = new Random(140_000);
    private final PrintStream out;

    private DumpGenerator(PrintStream out) {
        this.out = out;
    }

    /** Writes a dump; see the class. */
    public static void main(String[] args) throws IOException {
        int count = Integer.parseInt(args[1]);
        try (PrintStream out = new PrintStream(
                new BufferedOutputStream(new FileOutputStream(args[2]), 1 << 16), false, StandardCharsets.US_ASCII)) {
            DumpGenerator generator = new DumpGenerator(out);
            switch (args[0]) {
                case "tree" -> generator.tree(count, false);
                case "labels" -> generator.tree(count, true);
                case "files" -> generator.files(count, false);
                case "links" -> generator.files(count, true);
                case "xattrs" -> generator.xattrs(count);
                default -> throw new IllegalArgumentException(args[0]);
            }
        }
    }

    private void tree(int count, boolean labels) {
        line("/", "4096 40755 2", "-", "-", labels);
        Deque<String> open = new ArrayDeque<>();
        open.push("");
        for (int i = 1; i < count; i++) {
            while (open.size() > 1 && random.nextInt(9) == 0) {
                open.pop();
            }
            String path = open.peek() + "/" + Integer.toString(i, 36) + "-" + name();
            int kind = random.nextInt(100);
            if (kind < FOLDER_PERCENT && open.size() < DEEPEST) {
                line(path, "4096 40755 2", "-", "-", labels);
                open.push(path);
            } else if (kind < FOLDER_PERCENT + SYMLINK_PERCENT) {
                String target = "../" + name();
                line(path, target.length() + " 120777 1", target, "-", labels);
            } else {
                byte[] digest = new byte[32];
                random.nextBytes(digest);
                String hex = HexFormat.of().formatHex(digest);
                String payload = hex.substring(0, 2) + "/" + hex.substring(2);
                line(path, 65 + random.nextInt(100_000) + " 100644 1", payload, hex, labels);
            }
        }
    }

    private String name() {
        return "name".repeat(1 + random.nextInt(4)) + "." + "abcdefgh".charAt(random.nextInt(8));
    }

    private void line(String path, String sizeModeLinks, String payload, String digest, boolean labels) {
        out.print(path + " " + sizeModeLinks + " 0 0 0 " + (1_700_000_000 + random.nextInt(300) * 1000) + ".0 "
                + payload + " - " + digest);
        out.print(labels ? " security.selinux=system_u:object_r:type" + random.nextInt(100) + "_t:s0\\x00\n" : "\n");
    }

    private void files(int count, boolean links) {
        line("/", "4096 40755 2", "-", "-", false);
        line("/file", "0 100644 " + (links ? count + 1 : 1), "-", "-", false);
        for (int i = 0; i < count; i++) {
            String path = "/name" + i;
            if (links) {
                line(path, "0 @100644 1", "/file", "-", false);
            } else {
                line(path, "0 100644 1", "-", "-", false);
            }
        }
    }

    private void xattrs(int each) {
        line("/", "4096 40755 2", "-", "-", false);
        for (int i = 0; i < XATTRS / each; i++) {
            out.print("/name" + i + " 0 100644 1 0 0 0 0.0 - - -");
            for (int j = 0; j < each; j++) {
                out.print(" user.x" + j + "=" + Integer.toString(i * each + j, 36));
            }
            out.print("\n");
        }
    }
}
