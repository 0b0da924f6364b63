package dev.bulla.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FlockTest {
    @TempDir
    Path folder;

    @Test
    void tryExclusive_whileHeld_isEmpty() throws Exception {
        try (Flock lock = Flock.tryExclusive(folder).orElseThrow()) {
            assertThat(lock.stillAt(folder)).isTrue();
            assertThat(Flock.tryExclusive(folder)).isEmpty();
        }
        Flock.exclusive(folder).close();
    }

    @Test
    void shared_twice_keepsExclusiveOut() throws Exception {
        try (Flock first = Flock.shared(folder);
                Flock second = Flock.shared(folder)) {
            assertThat(first.stillAt(folder)).isTrue();
            assertThat(second.stillAt(folder)).isTrue();
            assertThat(Flock.tryExclusive(folder)).isEmpty();
        }
    }

    @Test
    void stillAt_folderDeletedOrReplaced_isFalse() throws Exception {
        Path locked = Files.createDirectory(folder.resolve("locked"));
        try (Flock lock = Flock.exclusive(locked)) {
            Files.delete(locked);
            assertThat(lock.stillAt(locked)).isFalse();
            Files.createDirectory(locked);
            assertThat(lock.stillAt(locked)).isFalse();
        }
    }

    @Test
    void exclusive_symlink_refused() throws Exception {
        Path link = Files.createSymbolicLink(folder.resolve("link"), folder);
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> Flock.tryExclusive(link))
                .isInstanceOf(LinuxException.class);
    }
}
