package dev.bulla.guest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GuestTimeTest {
    private static final Instant BUILD = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant LATER = Instant.parse("2026-06-01T00:00:00.5Z");

    @TempDir
    Path parent;

    private Path folder;

    @BeforeEach
    void nameFolder() {
        folder = parent.resolve("bulla");
    }

    private GuestTime open() throws IOException {
        return GuestTime.open(BUILD, () -> Instant.EPOCH, new FloorFile(folder));
    }

    private void write(String content) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("time-floor"), content);
    }

    @Test
    void open_nothingKept_theBuild() throws Exception {
        GuestTime time = open();
        assertThat(time.trusted().now()).isEqualTo(BUILD);
        time.keep();
        assertThat(folder).doesNotExist();
    }

    @Test
    void keep_raised_knownToTheNextProcessAndToItsUserAlone() throws Exception {
        GuestTime time = open();
        time.trusted().raise(LATER, "a witness");
        time.keep();
        assertThat(open().trusted().floor()).isEqualTo(LATER);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
                .isEqualTo("rwx------");
        assertThat(folder).isDirectoryContaining(file -> file.endsWith("time-floor"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("time-floor"))))
                .isEqualTo("rw-------");
        try (var files = Files.list(folder)) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void keep_otherProcessKnowsOfALaterTime_theirsStays() throws Exception {
        GuestTime time = open();
        time.trusted().raise(BUILD.plusSeconds(1), "a witness");
        write(LATER + "\n");
        time.keep();
        assertThat(open().trusted().floor()).isEqualTo(LATER);
    }

    @Test
    void keep_otherProcessKnowsOfAnEarlierTime_ours() throws Exception {
        GuestTime time = open();
        time.trusted().raise(LATER, "a witness");
        write(BUILD.plusSeconds(1) + "\n");
        time.keep();
        assertThat(open().trusted().floor()).isEqualTo(LATER);
    }

    @Test
    void keep_folderThatCannotBeMade_onlyInTheProcess() throws Exception {
        folder = parent.resolve("absent/bulla");
        GuestTime time = open();
        time.trusted().raise(LATER, "a witness");
        time.keep();
        assertThat(time.trusted().floor()).isEqualTo(LATER);
        assertThat(folder).doesNotExist();
        assertThat(open().trusted().floor()).isEqualTo(BUILD);
    }

    @Test
    void open_keptBeforeTheBuild_theBuild() throws Exception {
        write("1970-01-01T00:00:00Z\n");
        assertThat(open().trusted().floor()).isEqualTo(BUILD);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "later", "2026-06-01", "1767225600"})
    void open_noTimeInTheFile_refused(String content) throws Exception {
        write(content);
        assertThatThrownBy(this::open)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("it holds no time; remove it");
    }

    @Test
    void open_longerThanATime_refused() throws Exception {
        write(" ".repeat(60) + LATER);
        assertThatThrownBy(this::open).isInstanceOf(IOException.class);
    }

    @Test
    void open_tenYearsAfterTheBuild_refused() throws Exception {
        write("2100-01-01T00:00:00Z\n");
        assertThatThrownBy(this::open)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("an earlier process of this boot lies more than 3653 days");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rwxrwx---", "rwx----w-"})
    void open_folderThatOthersCanWrite_refused(String permissions) throws Exception {
        write(LATER + "\n");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString(permissions));
        assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContaining("nobody else can write");
    }

    @Test
    void open_linksInItsPlace_refused() throws Exception {
        Path real = Files.createDirectory(parent.resolve("real"));
        Files.createSymbolicLink(folder, real);
        assertThatThrownBy(this::open).isInstanceOf(IOException.class);
        Files.delete(folder);
        Files.createDirectory(folder);
        Path elsewhere = Files.write(parent.resolve("file"), LATER.toString().getBytes(StandardCharsets.US_ASCII));
        Files.createSymbolicLink(folder.resolve("time-floor"), elsewhere);
        assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContaining("a symbolic link");
    }

    /** As when the containers of a pod start together, first of their boot. */
    @Test
    void keep_severalAtOnceAndNoFolderYet_allKeep() throws Exception {
        int processes = 4;
        try (ExecutorService threads = Executors.newFixedThreadPool(processes)) {
            for (int boot = 0; boot < 50; boot++) {
                Path fresh = parent.resolve("boot-" + boot);
                CyclicBarrier together = new CyclicBarrier(processes);
                List<Future<Boolean>> kept = new ArrayList<>();
                for (int process = 0; process < processes; process++) {
                    kept.add(threads.submit(() -> {
                        together.await();
                        return new FloorFile(fresh).write(LATER);
                    }));
                }
                for (Future<Boolean> written : kept) {
                    assertThat(written.get()).isTrue();
                }
                assertThat(new FloorFile(fresh).read()).contains(LATER);
            }
        }
    }
}
