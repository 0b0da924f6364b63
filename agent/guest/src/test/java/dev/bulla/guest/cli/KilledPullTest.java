package dev.bulla.guest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.composefs.check.CheckProgress;
import dev.bulla.composefs.check.Fsck;
import dev.bulla.composefs.check.FsckScope;
import dev.bulla.guest.TestLayout;
import dev.bulla.guest.TestLayout.Layer;
import dev.bulla.oci.Digest;
import dev.bulla.oci.json.JsonCursor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** A pull whose process is killed, at moments spread over its work: what it leaves is a store. */
@Isolated("it looks at the process's own output")
class KilledPullTest {
    private static final String POLICY = "{\"default\":[{\"type\":\"insecureAcceptAnything\"}],"
            + "\"bulla\":{\"version\":1,\"matrix\":{\"unencryptedUnsigned\":{\"allow\":true}}}}";
    private static final int FILES = 200;
    private static final long LONGEST_SECONDS = 60;

    /** What is seen of the store when the process is killed; not exact, which is as well. */
    private record Moment(String folder, int entries) {
        private boolean isThere(Path store) throws IOException {
            Path path = store.resolve(folder);
            if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                return false;
            }
            try (Stream<Path> files = Files.walk(path)) {
                return files.filter(file -> !Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS))
                                .limit(entries)
                                .count()
                        == entries;
            } catch (UncheckedIOException | FileSystemException e) {
                return false; // it changes while it is walked
            }
        }
    }

    private static final List<Moment> MOMENTS = List.of(
            new Moment("staging", 1),
            new Moment("staging", FILES),
            new Moment("objects", 1),
            new Moment("objects", FILES),
            new Moment("streams", 1),
            new Moment("streams", 3));

    @TempDir
    private Path folder;

    private static Layer layer(TestLayout layout, int seed) throws IOException {
        Random random = new Random(seed);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            for (int i = 0; i < FILES; i++) {
                byte[] content = new byte[70 + random.nextInt(3000)];
                random.nextBytes(content);
                TarArchiveEntry entry = new TarArchiveEntry("layer" + seed + "/file" + i);
                entry.setSize(content.length);
                entry.setModTime(0);
                tar.putArchiveEntry(entry);
                tar.write(content);
                tar.closeArchiveEntry();
            }
        }
        byte[] tar = bytes.toByteArray();
        return new Layer(layout.blob(TestLayout.TAR + "+gzip", TestLayout.gzip(tar)), Digest.Algorithm.SHA256.of(tar));
    }

    private static List<String> pull(TestLayout layout, Path store, Path policy) {
        return List.of(
                "pull",
                "oci:" + layout.folder() + ":v1",
                "--store",
                store.toString(),
                "--policy",
                policy.toString(),
                "--output",
                "json",
                "--progress",
                "none");
    }

    private static String image(CommandRun run) throws Exception {
        assertThat(run.code()).as(run.err()).isZero();
        return JsonCursor.parse(run.out().strip())
                .object()
                .required("composefs")
                .object()
                .required("digest")
                .string();
    }

    /** Whether it lived until then. */
    private boolean runAndKill(List<String> arguments, Path store, Moment moment) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.bulla.guest.cli.Main"));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("killed.log").toFile())
                .start();
        try {
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_SECONDS);
            while (process.isAlive() && System.nanoTime() < end && !moment.isThere(store)) {
                Thread.onSpinWait();
            }
            return process.isAlive();
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void pull_killedAtAnyMoment_leavesAStoreThatIsCleanAndPullsAgain() throws Exception {
        TestLayout layout = new TestLayout(folder.resolve("layout"));
        layout.image("v1", List.of(layer(layout, 1), layer(layout, 2)));
        Path policy = Files.writeString(folder.resolve("policy.json"), POLICY);
        String expected = image(
                CommandRun.of(pull(layout, folder.resolve("whole"), policy).toArray(String[]::new)));
        int killed = 0;
        for (Moment moment : MOMENTS) {
            Path store = folder.resolve("store-" + MOMENTS.indexOf(moment));
            List<String> arguments = pull(layout, store, policy);
            killed += runAndKill(arguments, store, moment) ? 1 : 0;
            assertThat(Fsck.check(store, FsckScope.EVERYTHING, CheckProgress.NONE)
                            .problems())
                    .as("after %s", moment)
                    .isEmpty();
            assertThat(image(CommandRun.of(arguments.toArray(String[]::new)))).isEqualTo(expected);
            assertThat(Fsck.check(store, FsckScope.EVERYTHING, CheckProgress.NONE)
                            .problems())
                    .isEmpty();
            assertThat(store.resolve("staging")).isEmptyDirectory();
        }
        assertThat(killed).isGreaterThan(MOMENTS.size() / 2);
    }
}
