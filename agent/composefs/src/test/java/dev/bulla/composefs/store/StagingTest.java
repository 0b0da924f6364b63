package dev.bulla.composefs.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.linux.Flock;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StagingTest {
    @TempDir
    Path store = Path.of("");

    @BeforeEach
    void createStore() throws Exception {
        open().close();
    }

    private ObjectStore open() throws Exception {
        return ObjectStore.open(store, VerityAlgorithm.SHA256_4K);
    }

    @Test
    void close_withFiles_deletesTheFolder() throws Exception {
        Path folder;
        try (Staging staging = Staging.begin(store, "pull")) {
            folder = staging.folder();
            assertThat(folder).isEqualTo(store.resolve("staging/pull"));
            Files.writeString(folder.resolve("file"), "x");
            Files.createDirectory(folder.resolve("layer"));
            Files.createSymbolicLink(folder.resolve("layer/link"), store.resolve("objects"));
        }
        assertThat(folder).doesNotExist();
        assertThat(store.resolve("objects")).isDirectory();
    }

    @Test
    void open_liveStaging_isNotSwept() throws Exception {
        try (Staging staging = Staging.begin(store, "pull")) {
            Files.writeString(staging.folder().resolve("file"), "x");
            open().close();
            assertThat(staging.folder().resolve("file")).exists();
        }
    }

    @Test
    void open_deadStaging_isSwept() throws Exception {
        Path dead = Files.createDirectory(store.resolve("staging/dead"));
        Files.writeString(dead.resolve("file"), "x");
        Files.createDirectory(dead.resolve("layer"));
        Path foreign = Files.writeString(store.resolve("staging/foreign"), "x");
        open().close();
        assertThat(dead).doesNotExist();
        assertThat(foreign).exists();
    }

    @Test
    void begin_nameOfALivePull_refused() throws Exception {
        try (Staging staging = Staging.begin(store, "pull")) {
            assertThatThrownBy(() -> Staging.begin(store, "pull"))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("is in use by another pull");
            assertThat(staging.folder()).exists();
        }
    }

    @Test
    void begin_nameOfADeadPull_startsEmpty() throws Exception {
        Path dead = Files.createDirectory(store.resolve("staging/pull"));
        Files.writeString(dead.resolve("file"), "x");
        try (Staging staging = Staging.begin(store, "pull")) {
            assertThat(staging.folder()).isEmptyDirectory();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", ".hidden", "a/b", "-x", "a\nb", "ü"})
    void begin_nameThatIsNone_refused(String name) {
        assertThatThrownBy(() -> Staging.begin(store, name)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void begin_nameOfMaximumLength_taken() throws Exception {
        Staging.begin(store, "a".repeat(128)).close();
        assertThatThrownBy(() -> Staging.begin(store, "a".repeat(129))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    @Timeout(60)
    void begin_whileAnotherSweeps_neverLosesItsFolder() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
            Future<?> sweeper = threads.submit(() -> {
                while (!done.get()) {
                    open().close();
                }
                return null;
            });
            List<Future<?>> pulls = new ArrayList<>();
            for (int t = 0; t < 2; t++) {
                String name = "pull-" + t + "-";
                pulls.add(threads.submit(() -> {
                    for (int i = 0; i < 200; i++) {
                        try (Staging staging = Staging.begin(store, name + i)) {
                            Path file = Files.writeString(staging.folder().resolve("file"), "x");
                            assertThat(file).exists();
                            assertThat(Flock.tryExclusive(staging.folder())).isEmpty();
                        }
                    }
                    return null;
                }));
            }
            try {
                for (Future<?> pull : pulls) {
                    pull.get();
                }
            } finally {
                done.set(true);
            }
            sweeper.get();
        }
        assertThat(store.resolve("staging")).isEmptyDirectory();
    }

    /** What another process runs: a pull that never ends. */
    static final class EndlessPull {
        public static void main(String[] arguments) throws Exception {
            try (ObjectStore store = ObjectStore.open(Path.of(arguments[0]), VerityAlgorithm.SHA256_4K);
                    Staging staging = Staging.begin(store.folder(), "endless");
                    StagedFile file = store.stage(staging.folder())) {
                file.write(new byte[10_000]);
                System.out.println("staged");
                Thread.sleep(Long.MAX_VALUE);
            }
        }
    }

    @Test
    @Timeout(60)
    void open_pullOfAnotherProcess_staysUntilItIsKilled() throws Exception {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:+UseSerialGC",
                        "-Xmx32m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        EndlessPull.class.getName(),
                        store.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Path folder = store.resolve("staging/endless");
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            assertThat(out.readLine()).isEqualTo("staged");
            open().close();
            assertThat(folder).isNotEmptyDirectory();
            process.destroyForcibly().waitFor();
            assertThat(folder).isNotEmptyDirectory();
            open().close();
            assertThat(folder).doesNotExist();
        } finally {
            process.destroyForcibly().waitFor();
        }
    }
}
