package dev.bulla.composefs;

import dev.bulla.oci.Quoted;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/**
 * The command {@code composefs-dump IN OUT} of the C tools: reads an image and writes it again, in its own format version.
 * That the two are the same bytes shows that an image holds all that it was made of.
 *
 * <p>Exit codes: 0 done, 1 anything else, with one line of reason. Words after the second are ignored, as the C tool does.
 */
public final class ComposefsDump {
    private static final String NAME = "composefs-dump";
    private static final String USAGE = "usage: " + NAME + " SRC DEST";

    private ComposefsDump() {}

    /** How it is called, in a line or more. */
    public static String usage() {
        return USAGE;
    }

    /**
     * Runs the command.
     *
     * @param args the words after the command's name
     * @return the exit code
     */
    public static int run(String[] args, PrintStream err) {
        if (args.length < 2) {
            err.println(NAME + ": no " + (args.length == 0 ? "source" : "destination") + " path specified");
            err.println(USAGE);
            return 1;
        }
        try {
            Path source = Path.of(args[0]);
            ErofsImage image = read(source);
            // The source has been read to its end, so it may be the destination too.
            try (OutputStream out = Files.newOutputStream(Path.of(args[1]))) {
                ErofsImageWriter.write(image.root(), image.version(), out);
            }
            return 0;
        } catch (InvalidPathException e) {
            err.println(NAME + ": not a path: " + Quoted.text(e.getInput()));
        } catch (IOException e) {
            err.println(NAME + ": " + MkComposefs.describe(e));
        }
        return 1;
    }

    private static ErofsImage read(Path source) throws IOException {
        try {
            return ErofsImage.read(source);
        } catch (ImageFormatException e) {
            throw new ComposefsException(Quoted.text(source.toString()) + ": " + e.getMessage(), e);
        }
    }
}
