package dev.bulla.composefs;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Assumptions;

/** The folder of conformance data, named by the system property {@code bulla.conformance}. */
final class Conformance {
    private Conformance() {}

    /** The folder with the composefs data; the test is skipped where it is absent. */
    static Path folder() {
        Optional<Path> folder = Optional.ofNullable(System.getProperty("bulla.conformance"))
                .map(Path::of)
                .map(p -> p.resolve("composefs"));
        boolean present = folder.isPresent() && Files.isDirectory(folder.get());
        String absent = "no conformance data: " + folder.map(Path::toString).orElse("bulla.conformance is not set");
        if (!present) {
            System.out.println("skipped: " + absent); // the runner does not show a factory's reason
        }
        Assumptions.assumeTrue(present, absent);
        return folder.orElseThrow();
    }

    /** A data file's bytes, decompressed where its name ends in .gz. */
    static byte[] read(Path file) {
        try (InputStream in = open(file)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InputStream open(Path file) throws IOException {
        InputStream in = Files.newInputStream(file);
        return file.toString().endsWith(".gz") ? new GZIPInputStream(in) : in;
    }
}
