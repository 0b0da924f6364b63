package dev.bulla.composefs.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Takes one name away: each is a step at which a process may end. */
@FunctionalInterface
interface Deletion {
    /** Of the file system. */
    Deletion REAL = Files::deleteIfExists;

    void delete(Path path) throws IOException;
}
