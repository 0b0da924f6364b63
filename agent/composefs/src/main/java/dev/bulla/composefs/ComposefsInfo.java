package dev.bulla.composefs;

import dev.bulla.composefs.LongOptions.UsageException;
import dev.bulla.composefs.tree.ByteString;
import dev.bulla.composefs.tree.Directory;
import dev.bulla.composefs.tree.FileContent;
import dev.bulla.composefs.tree.HardLink;
import dev.bulla.composefs.tree.Leaf;
import dev.bulla.composefs.tree.Node;
import dev.bulla.composefs.tree.RegularFile;
import dev.bulla.composefs.tree.Symlink;
import dev.bulla.composefs.tree.TreeWalk;
import dev.bulla.linux.PathBytes;
import dev.bulla.oci.Quoted;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The command {@code composefs-info [--basedir=PATH] [--filter=NAME]... COMMAND FILE...} with the C tool's arguments:
 * {@code ls}, {@code dump}, {@code objects} and {@code missing-objects} of images, {@code measure-file} of any files.
 * {@code --digest-algorithm} and {@code --block-size} are ours, and say what {@code measure-file} computes.
 *
 * <p>Exit codes: 0 done, 1 anything else, with one line of reason.
 */
public final class ComposefsInfo {
    private static final String NAME = "composefs-info";
    private static final Map<String, Boolean> OPTIONS = Map.of("basedir", true, "filter", true);
    private static final Map<String, Boolean> OWN_OPTIONS = Map.of("digest-algorithm", true, "block-size", true);
    private static final String USAGE = "usage: " + NAME
            + " [--basedir=PATH] [--filter=NAME]... [--digest-algorithm=sha256|sha512] [--block-size=4096|65536] [ls|objects|dump|missing-objects|measure-file] FILES...";
    private static final int BUFFER = 1 << 16;

    private final Set<ByteString> filters = new HashSet<>();
    private final VerityOptions algorithm = new VerityOptions();
    private Optional<Path> basedir = Optional.empty();

    private ComposefsInfo() {}

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
    public static int run(String[] args, PrintStream out, PrintStream err) {
        try {
            OutputStream buffered = new BufferedOutputStream(out, BUFFER);
            new ComposefsInfo().run(LongOptions.parse(args, OPTIONS, OWN_OPTIONS), buffered);
            buffered.flush();
            if (out.checkError()) {
                throw new IOException("cannot write to standard output");
            }
            return 0;
        } catch (UsageException e) {
            err.println(NAME + ": " + e.getMessage());
            err.println(USAGE);
            return 1;
        } catch (IOException e) {
            err.println(NAME + ": " + MkComposefs.describe(e));
            return 1;
        }
    }

    private void run(LongOptions words, OutputStream out) throws UsageException, IOException {
        for (LongOptions.Given option : words.options()) {
            switch (option.name()) {
                case "basedir" -> basedir = Optional.of(path(option.value()));
                case "filter" -> {
                    if (option.value().contains("/")) {
                        throw new UsageException("filter must be a single name: " + Quoted.text(option.value()));
                    }
                    filters.add(ByteString.utf8(option.value()));
                }
                case "digest-algorithm" -> algorithm.setHash(option.value());
                case "block-size" -> algorithm.setBlockSize(option.value());
                default -> throw new IllegalStateException(option.name());
            }
        }
        if (words.operands().isEmpty()) {
            throw new UsageException("no command specified");
        }
        List<String> files = words.operands().subList(1, words.operands().size());
        String command = words.operands().getFirst();
        if (files.isEmpty()) {
            throw new UsageException("no file specified");
        }
        if (basedir.isPresent() && !Files.isDirectory(basedir.get())) {
            throw new ComposefsException(Quoted.text(basedir.get().toString()) + ": cannot open the base directory");
        }
        switch (command) {
            case "ls" -> {
                for (String file : files) {
                    TreeWalk.preOrder(read(file), (path, node) -> list(path.toByteString(), node, out));
                }
            }
            case "dump" -> {
                for (String file : files) {
                    DumpWriter.write(read(file), out);
                }
            }
            case "objects" -> objects(files, false, out);
            case "missing-objects" -> objects(files, true, out);
            case "measure-file" -> {
                for (String file : files) {
                    line(ByteString.utf8(measure(path(file), algorithm.get()).hex()), out);
                }
            }
            default -> throw new UsageException("unknown command " + Quoted.text(command));
        }
    }

    private Directory read(String image) throws IOException, UsageException {
        try {
            return ErofsImageReader.read(path(image), filters);
        } catch (ImageFormatException e) {
            throw new ComposefsException(Quoted.text(image) + ": " + e.getMessage(), e);
        }
    }

    private static Path path(String text) throws UsageException {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new UsageException("not a path: " + Quoted.text(text));
        }
    }

    private static void list(ByteString path, Node node, OutputStream out) throws IOException {
        if (path.length() == 1) {
            return; // the root itself
        }
        DumpEscape.writeWithSpaces(out, path);
        switch (node) {
            case Directory directory -> out.write("/\t".getBytes(StandardCharsets.US_ASCII));
            case HardLink link -> {}
            case Symlink symlink -> arrow("\t-> ", symlink.target(), out);
            case RegularFile file
            when file.content() instanceof FileContent.External external
                    && !external.payload().isEmpty() -> arrow("\t@ ", external.payload(), out);
            case Leaf leaf -> {}
        }
        out.write('\n');
    }

    private static void arrow(String arrow, ByteString where, OutputStream out) throws IOException {
        out.write(arrow.getBytes(StandardCharsets.US_ASCII));
        DumpEscape.write(out, where, DumpEscape.Also.NOTHING);
    }

    private void objects(List<String> images, boolean missingOnly, OutputStream out)
            throws IOException, UsageException {
        Set<ByteString> objects = new TreeSet<>();
        for (String image : images) {
            TreeWalk.preOrder(read(image), (path, node) -> {
                if (node instanceof RegularFile file
                        && file.content() instanceof FileContent.External external
                        && !external.payload().isEmpty()) {
                    objects.add(external.payload());
                }
            });
        }
        for (ByteString object : objects) {
            if (!missingOnly || !isInBasedir(object)) {
                line(object, out);
            }
        }
    }

    /** Without a base directory every object is missing. */
    private boolean isInBasedir(ByteString object) {
        if (basedir.isEmpty()) {
            return false;
        }
        Path at = basedir.get();
        int start = 0;
        for (int i = 0; i <= object.length(); i++) {
            if (i < object.length() && object.at(i) != '/') {
                continue;
            }
            ByteString name = object.substring(start, i);
            start = i + 1;
            if (Directory.isName(name)) {
                at = PathBytes.resolve(at, name.toByteArray());
            } else if (!name.isEmpty()) {
                return false; // no object store has such a path
            }
        }
        return Files.exists(at);
    }

    private static VerityDigest measure(Path file, VerityAlgorithm algorithm) throws IOException {
        FsVerityDigester digester = new FsVerityDigester(algorithm);
        try (InputStream in = Files.newInputStream(file)) {
            byte[] buffer = new byte[BUFFER];
            int got;
            while ((got = in.read(buffer)) >= 0) {
                digester.update(buffer, 0, got);
            }
        }
        return digester.finish();
    }

    private static void line(ByteString text, OutputStream out) throws IOException {
        text.writeTo(out);
        out.write('\n');
    }
}
