package dev.bulla.composefs.mount;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A folder on the machine's shared memory, deleted when closed. */
record MemoryFolder(Path path) implements AutoCloseable {
    static MemoryFolder create() throws IOException {
        return new MemoryFolder(Files.createTempDirectory(Path.of("/dev/shm"), "bulla-test"));
    }

    @Override
    public void close() throws IOException {
        List<Path> deepestFirst;
        try (Stream<Path> all = Files.walk(path)) {
            deepestFirst = all.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path file : deepestFirst) {
            Files.delete(file);
        }
    }
}
