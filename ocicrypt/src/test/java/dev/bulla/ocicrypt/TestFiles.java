package dev.bulla.ocicrypt;

import static java.util.Objects.requireNonNull;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bulla.oci.OciException;
import dev.bulla.oci.json.JsonCursor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The fixtures of these tests. */
public final class TestFiles {
    private TestFiles() {}

    /** A file that skopeo or openssl made; their folder's README says how. */
    public static byte[] skopeo(String name) {
        try (InputStream in = requireNonNull(TestFiles.class.getResourceAsStream("skopeo/" + name), name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static Map<String, String> skopeoAnnotations(String name) {
        try {
            return JsonCursor.parse(skopeo(name + ".annotations.json")).stringMap();
        } catch (OciException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A file of the conformance folder; skips the test where there is none. */
    static byte[] coco(String name) throws IOException {
        Path file = Path.of(System.getProperty("bulla.conformance", "conformance"), "coco", name);
        assumeTrue(Files.exists(file), "needs the conformance file coco/" + name);
        return Files.readAllBytes(file);
    }
}
