package dev.bulla.provision.quickstart;

import dev.bulla.linux.Mounts;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The folder in which a quickstart takes place, in memory where the machine has {@code /dev/shm}. Closing it unmounts what
 * is mounted below it and deletes it; so does the end of the process, however it comes about.
 */
final class Workplace implements AutoCloseable {
    private static final Path MEMORY = Path.of("/dev/shm");
    private static final Path MOUNTS = Path.of("/proc/self/mountinfo");

    private final Path folder;
    private final PrintStream out;
    private final Thread atExit;
    private boolean gone;

    private Workplace(Path folder, PrintStream out) {
        this.folder = folder;
        this.out = out;
        this.atExit = new Thread(this::remove, "quickstart-cleanup");
    }

    static Workplace open(PrintStream out) throws IOException {
        Path folder = Files.isWritable(MEMORY)
                ? Files.createTempDirectory(MEMORY, "bulla-quickstart-")
                : Files.createTempDirectory("bulla-quickstart-");
        Workplace workplace = new Workplace(folder.toRealPath(), out);
        Runtime.getRuntime().addShutdownHook(workplace.atExit);
        return workplace;
    }

    Path folder() {
        return folder;
    }

    /** What is mounted below the folder, innermost first. */
    List<Path> mounts() throws IOException {
        List<Path> mounts = new ArrayList<>();
        if (!Files.isReadable(MOUNTS)) {
            return mounts;
        }
        for (String line : Files.readAllLines(MOUNTS)) {
            // The fifth field; our own names have none of the characters that are escaped there.
            String[] fields = line.split(" ", 6);
            if (fields.length == 6 && fields[4].startsWith(folder + "/")) {
                mounts.addFirst(Path.of(fields[4]));
            }
        }
        return mounts;
    }

    /** Unmounts what is mounted below the folder. */
    void unmount() throws IOException {
        for (Path mount : mounts()) {
            Mounts.detach(mount);
        }
    }

    private synchronized void remove() {
        if (gone) {
            return;
        }
        gone = true;
        // Where this process is stopped, an agent may still be writing below the folder.
        ProcessHandle.current().children().forEach(ProcessHandle::destroyForcibly);
        try {
            unmount();
            if (mounts().isEmpty()) {
                delete(folder);
            }
        } catch (IOException e) {
            out.println("could not remove " + folder + ": " + e.getMessage());
        }
    }

    private static void delete(Path tree) throws IOException {
        Files.walkFileTree(tree, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) throws IOException {
                if (e != null) {
                    throw e;
                }
                Files.delete(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** The names in a folder, sorted, each with what it is. */
    static List<String> list(Path folder) throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                String name = String.valueOf(entry.getFileName());
                if (Files.isSymbolicLink(entry)) {
                    names.add(name + " -> " + Files.readSymbolicLink(entry));
                } else {
                    names.add(Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS) ? name + "/" : name);
                }
            }
        }
        names.sort(null);
        return names;
    }

    @Override
    public void close() {
        remove();
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            // the process ends already; the hook finds nothing left to do
        }
    }
}
