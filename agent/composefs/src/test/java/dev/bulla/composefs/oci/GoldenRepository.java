package dev.bulla.composefs.oci;

import dev.bulla.oci.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The repositories of {@code src/test/resources/golden}, which says where they are from. */
public enum GoldenRepository {
    SHA512("sha512"),
    SHA256("sha256"),
    SHA256_OLD_HEADER("sha256-old-header");

    public static final String NAME = "golden/image:1";
    public static final Digest MANIFEST = digest("bfa43208aa7de9911a77c778d3e89cfeb19388bfff452bb7b4e80424dae27857");
    public static final Digest CONFIG = digest("d63f9813530c68cece365b486cfcf000f68649c08b64b42da23d5a04dde4eb22");
    /** The layers' diff_ids and the lengths of their tars, first layer first. */
    public static final Map<Digest, Long> LAYERS = Map.of(
            digest("03138ae42746691204e19b3b55d0e79aa839db96e2c9d5ada03ac36549c2eab3"), 20480L,
            digest("225712ff382570133eadf1b6fa545c75c7ed83ebb32adf240aa3297be16b7c80"), 10240L);

    private final String folder;

    GoldenRepository(String folder) {
        this.folder = folder;
    }

    private static Digest digest(String hex) {
        return new Digest(Digest.Algorithm.SHA256, hex);
    }

    /** Makes the repository in a folder that is not there. */
    public Path copyTo(Path target) throws IOException {
        Path source = source();
        try (Stream<Path> paths = Files.walk(source)) {
            for (Path path : (Iterable<Path>) paths::iterator) {
                Path copy = target.resolve(source.relativize(path).toString());
                if (Files.isDirectory(path)) {
                    Files.createDirectories(copy);
                } else if (!path.endsWith("links")) {
                    Files.copy(path, copy);
                }
            }
        }
        for (String line : Files.readAllLines(source.resolve("links"))) {
            List<String> link = List.of(line.split(" -> ", 2));
            Path at = target.resolve(link.get(0));
            Files.createDirectories(at.resolveSibling("."));
            Files.createSymbolicLink(at, Path.of(link.get(1)));
        }
        return target;
    }

    /** The stream files of the repository, for readers of single streams. */
    public List<byte[]> streams() throws IOException {
        Path source = source();
        return Files.readAllLines(source.resolve("links")).stream()
                .filter(line -> line.startsWith("streams/oci-"))
                .map(line -> source.resolve("streams")
                        .resolve(line.split(" -> ", 2)[1])
                        .normalize())
                .map(GoldenRepository::bytes)
                .toList();
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path source() {
        try {
            return Path.of(
                    GoldenRepository.class.getResource("/golden/" + folder).toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
