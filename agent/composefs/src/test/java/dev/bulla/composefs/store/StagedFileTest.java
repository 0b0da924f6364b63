package dev.bulla.composefs.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.composefs.FsVerityDigester;
import dev.bulla.composefs.VerityAlgorithm;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StagedFileTest {
    @TempDir
    Path folder = Path.of("");

    @Property(tries = 100)
    void write_anySizes_fileAndDigestAreOfAllBytes(
            @ForAll @Size(max = 12) List<@IntRange(max = 20_000) Integer> sizes, @ForAll long seed) throws IOException {
        Random random = new Random(seed);
        Path temporary = Files.createTempDirectory("staged");
        java.io.ByteArrayOutputStream all = new java.io.ByteArrayOutputStream();
        StagedObject object;
        try (StagedFile file = StagedFile.create(temporary, new AtomicLong(), VerityAlgorithm.SHA256_4K)) {
            for (int size : sizes) {
                byte[] bytes = new byte[size];
                random.nextBytes(bytes);
                all.write(bytes);
                write(file, bytes);
            }
            object = file.finish();
        }
        assertThat(object.file()).hasBinaryContent(all.toByteArray());
        assertThat(object.size()).isEqualTo(all.size());
        assertThat(object.digest()).isEqualTo(FsVerityDigester.of(VerityAlgorithm.SHA256_4K, all.toByteArray()));
        object.discard();
        Files.delete(temporary);
    }

    private static void write(OutputStream out, byte[] bytes) throws IOException {
        if (bytes.length % 5 == 0) {
            for (byte b : bytes) {
                out.write(b);
            }
        } else {
            out.write(bytes);
        }
    }

    @Test
    void close_withoutFinish_deletesTheFile() throws Exception {
        try (StagedFile file = StagedFile.create(folder, new AtomicLong(), VerityAlgorithm.SHA256_4K)) {
            file.write(new byte[100_000]);
            assertThat(folder).isNotEmptyDirectory();
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void write_afterFinish_refused() throws Exception {
        try (StagedFile file = StagedFile.create(folder, new AtomicLong(), VerityAlgorithm.SHA256_4K)) {
            StagedObject object = file.finish();
            assertThat(object.size()).isZero();
            assertThatThrownBy(() -> file.write(1)).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> file.write(new byte[9000])).isInstanceOf(IOException.class);
            assertThatThrownBy(file::finish).isInstanceOf(IOException.class);
        }
    }

    @Test
    void create_numbersTakenByAnother_goesOn() throws Exception {
        try (StagedFile first = StagedFile.create(folder, new AtomicLong(), VerityAlgorithm.SHA256_4K);
                StagedFile second = StagedFile.create(folder, new AtomicLong(), VerityAlgorithm.SHA256_4K)) {
            first.write(1);
            second.write(2);
            assertThat(first.finish().file()).isNotEqualTo(second.finish().file());
        }
    }
}
