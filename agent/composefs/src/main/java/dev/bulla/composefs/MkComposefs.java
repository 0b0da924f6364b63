package dev.bulla.composefs;

import dev.bulla.composefs.LongOptions.UsageException;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.oci.Quoted;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The command {@code mkcomposefs [OPTIONS] SOURCE IMAGE} with the C tool's arguments: makes an image of a folder, or of a
 * dump with {@code --from-file}. {@code -} is standard input or output.
 *
 * <p>Options of ours, which the C tool has not: {@code --format v0|v1|v2} names the format instead of a range of versions,
 * {@code --digest-algorithm sha256|sha512} and {@code --block-size 4096|65536} say how digests are computed, and
 * {@code --hardlinks} makes one inode of a folder's several names of a file.
 *
 * <p>Exit codes: 0 done, 1 anything else, with one line of reason. {@code CFS_PARSE_STRICT} in the environment makes the
 * dump's reader strict.
 */
public final class MkComposefs {
    private static final String NAME = "mkcomposefs";
    private static final Map<String, Boolean> OPTIONS = Map.ofEntries(
            Map.entry("digest-store", true),
            Map.entry("use-epoch", false),
            Map.entry("skip-devices", false),
            Map.entry("skip-xattrs", false),
            Map.entry("user-xattrs", false),
            Map.entry("print-digest", false),
            Map.entry("print-digest-only", false),
            Map.entry("from-file", false),
            Map.entry("min-version", true),
            Map.entry("max-version", true),
            Map.entry("threads", true));
    private static final Map<String, Boolean> OWN_OPTIONS =
            Map.of("format", true, "digest-algorithm", true, "block-size", true, "hardlinks", false);
    private static final String USAGE = "usage: " + NAME + " [--digest-store=PATH] [--use-epoch] [--skip-devices]"
            + " [--skip-xattrs] [--user-xattrs] [--print-digest] [--print-digest-only] [--from-file]"
            + " [--min-version=N] [--max-version=N] [--threads=N] [--format=v0|v1|v2] [--hardlinks]"
            + " [--digest-algorithm=sha256|sha512] [--block-size=4096|65536] SOURCE IMAGE";

    private final Map<String, String> environment;
    private final InputStream in;
    private final PrintStream out;
    private final PrintStream err;

    private MkComposefs(Map<String, String> environment, InputStream in, PrintStream out, PrintStream err) {
        this.environment = environment;
        this.in = in;
        this.out = out;
        this.err = err;
    }

    /** What the words ask for. */
    private record Request(
            String source,
            Optional<String> image,
            boolean fromFile,
            boolean printDigest,
            FormatVersion least,
            FormatVersion most,
            DirectoryScan.Options scan) {}

    /** How it is called, in a line or more. */
    public static String usage() {
        return USAGE;
    }

    /**
     * Runs the command.
     *
     * @param args the words after the command's name
     * @param environment variables; only {@code CFS_PARSE_STRICT} matters
     * @return the exit code
     */
    public static int run(
            String[] args, Map<String, String> environment, InputStream in, PrintStream out, PrintStream err) {
        return new MkComposefs(environment, in, out, err).run(args);
    }

    private int run(String[] args) {
        try {
            Request request = request(args);
            Directory root = request.fromFile ? readDump(request.source) : scan(request);
            write(request, root);
            if (out.checkError()) {
                throw new IOException("cannot write to standard output");
            }
            return 0;
        } catch (UsageException e) {
            err.println(NAME + ": " + e.getMessage());
            err.println(USAGE);
            return 1;
        } catch (IOException e) {
            err.println(NAME + ": " + describe(e));
            return 1;
        }
    }

    /** What went wrong, in one line: Java's own exceptions say little more than a file's name. */
    static String describe(IOException e) {
        return switch (e) {
            case ComposefsException own -> own.getMessage();
            case NoSuchFileException missing -> Quoted.text(missing.getFile()) + ": no such file or directory";
            case FileSystemException file ->
                Quoted.text(String.valueOf(file.getFile())) + ": "
                        + (file.getReason() == null ? file.getClass().getSimpleName() : file.getReason());
            default -> String.valueOf(e.getMessage());
        };
    }

    private Request request(String[] args) throws UsageException {
        LongOptions words = LongOptions.parse(args, OPTIONS, OWN_OPTIONS);
        boolean fromFile = false;
        boolean printDigest = false;
        boolean digestOnly = false;
        boolean versionGiven = false;
        int least = 0;
        int most = 0;
        Optional<FormatVersion> format = Optional.empty();
        var algorithm = new VerityOptions();
        var scan = new DirectoryScan.Options.Builder();
        for (LongOptions.Given option : words.options()) {
            switch (option.name()) {
                case "digest-store" -> scan.digestStore = Optional.of(path(option.value()));
                case "use-epoch" -> scan.useEpoch = true;
                case "skip-devices" -> scan.skipDevices = true;
                case "skip-xattrs" -> scan.skipXattrs = true;
                case "user-xattrs" -> scan.userXattrs = true;
                case "print-digest" -> printDigest = true;
                case "print-digest-only" -> {
                    printDigest = true;
                    digestOnly = true;
                }
                case "from-file" -> fromFile = true;
                case "min-version" -> {
                    versionGiven = true;
                    least = integer(option);
                }
                case "max-version" -> {
                    versionGiven = true;
                    most = integer(option);
                }
                case "threads" -> scan.threads = integer(option);
                case "format" -> format = Optional.of(format(option.value()));
                case "hardlinks" -> scan.hardLinks = true;
                case "digest-algorithm" -> algorithm.setHash(option.value());
                case "block-size" -> algorithm.setBlockSize(option.value());
                default -> throw new IllegalStateException(option.name());
            }
        }
        if (scan.threads < 1) {
            throw new UsageException("invalid threads count " + scan.threads + ", expected at least 1");
        }
        if (scan.skipXattrs && scan.userXattrs) {
            throw new UsageException("--skip-xattrs and --user-xattrs exclude each other");
        }
        if (format.isPresent() && versionGiven) {
            throw new UsageException("--format excludes --min-version and --max-version");
        }
        scan.algorithm = algorithm.get();
        if (words.operands().isEmpty() || words.operands().getFirst().isEmpty()) {
            throw new UsageException("no source path specified");
        }
        int expected = digestOnly ? 1 : 2;
        if (words.operands().size() != expected) {
            throw new UsageException(
                    words.operands().size() < expected
                            ? "no destination path specified"
                            : "too many arguments" + (digestOnly ? " with --print-digest-only" : ""));
        }
        return new Request(
                words.operands().getFirst(),
                digestOnly ? Optional.empty() : Optional.of(words.operands().get(1)),
                fromFile,
                printDigest,
                format.isPresent() ? format.get() : version(least),
                // Without any option either version will do; with one of the two the other is 0.
                format.isPresent() ? format.get() : version(versionGiven ? most : FormatVersion.V1.number()),
                scan.build());
    }

    private static int integer(LongOptions.Given option) throws UsageException {
        try {
            return Integer.parseInt(option.value());
        } catch (NumberFormatException e) {
            throw new UsageException("--" + option.name() + ": invalid number " + Quoted.text(option.value()));
        }
    }

    private static FormatVersion version(int number) throws UsageException {
        return switch (number) {
            case 0 -> FormatVersion.V0;
            case 1 -> FormatVersion.V1;
            default -> throw new UsageException("unknown format version " + number + ", expected 0 or 1");
        };
    }

    private static FormatVersion format(String name) throws UsageException {
        return switch (name) {
            case "v0" -> FormatVersion.V0;
            case "v1" -> FormatVersion.V1;
            case "v2" -> FormatVersion.V2;
            default -> throw new UsageException("unknown format " + Quoted.text(name) + ", expected v0, v1 or v2");
        };
    }

    private static Path path(String text) throws UsageException {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new UsageException("not a path: " + Quoted.text(text));
        }
    }

    private Directory readDump(String source) throws IOException, UsageException {
        DumpReader reader = new DumpReader(environment.containsKey("CFS_PARSE_STRICT"));
        if (source.equals("-")) {
            return reader.read(in);
        }
        try (InputStream file = Files.newInputStream(path(source))) {
            return reader.read(file);
        }
    }

    private Directory scan(Request request) throws IOException, UsageException {
        return DirectoryScan.scan(path(request.source), request.scan);
    }

    private void write(Request request, Directory root) throws IOException, UsageException {
        FormatVersion version = FormatVersion.choose(request.least, request.most, root);
        if (request.printDigest) {
            FsVerityDigester digester = new FsVerityDigester(request.scan.algorithm());
            write(request, root, version, Optional.of(digester));
            out.println(digester.finish().hex());
        } else {
            write(request, root, version, Optional.empty());
        }
    }

    private void write(Request request, Directory root, FormatVersion version, Optional<FsVerityDigester> digester)
            throws IOException, UsageException {
        if (request.image.isEmpty()) {
            ErofsImageWriter.write(root, version, measured(OutputStream.nullOutputStream(), digester));
        } else if (request.image.get().equals("-")) {
            ErofsImageWriter.write(root, version, measured(out, digester));
        } else {
            try (OutputStream file = Files.newOutputStream(path(request.image.get()))) {
                ErofsImageWriter.write(root, version, measured(file, digester));
            }
        }
    }

    private static OutputStream measured(OutputStream out, Optional<FsVerityDigester> digester) {
        return digester.<OutputStream>map(it -> new MeasuredOutput(out, it)).orElse(out);
    }
}
