package dev.bulla.composefs.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.composefs.FsVerityDigester;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.store.ObjectStore;
import dev.bulla.composefs.store.StagedObject;
import dev.bulla.composefs.store.Staging;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SplitStreamWriterTest {
    private static final VerityDigest ONE = FsVerityDigester.of(VerityAlgorithm.SHA512_4K, new byte[1]);
    private static final VerityDigest TWO = FsVerityDigester.of(VerityAlgorithm.SHA512_4K, new byte[2]);

    @TempDir
    Path folder;

    @SuppressWarnings("NullAway.Init") // set before each test
    private ObjectStore store;

    @SuppressWarnings("NullAway.Init") // set before each test
    private Staging staging;

    @BeforeEach
    void open() throws Exception {
        store = ObjectStore.open(folder.resolve("store"), VerityAlgorithm.SHA512_4K);
        staging = Staging.begin(store.folder(), "test");
    }

    @AfterEach
    void close() throws Exception {
        staging.close();
        store.close();
    }

    private SplitStreamWriter writer() throws IOException {
        return SplitStreamWriter.create(store, staging.folder(), ContentType.BLOB);
    }

    private static void inline(SplitStreamWriter writer, String text) throws IOException {
        byte[] bytes = ("<" + text + ">").getBytes(StandardCharsets.US_ASCII);
        writer.inline(bytes, 1, bytes.length - 2);
    }

    private SplitStreamReader read(StagedObject stream) throws IOException {
        return SplitStreamReader.open(Files.readAllBytes(stream.file()), store.algorithm(), SplitStreamLimits.LAYER);
    }

    @Test
    void finish_parts_readBackMergedAndDeduplicated() throws Exception {
        StagedObject stream;
        try (SplitStreamWriter writer = writer()) {
            inline(writer, "be");
            inline(writer, "fore");
            writer.external(TWO, 10);
            writer.external(ONE, 20);
            inline(writer, "");
            writer.external(TWO, 10);
            inline(writer, "after");
            writer.stream("z", ONE);
            writer.stream("a:b", TWO);
            writer.stream("m", ONE);
            stream = writer.finish();
        }
        assertThat(stream.size()).isEqualTo(Files.size(stream.file()));
        assertThat(stream.digest())
                .isEqualTo(FsVerityDigester.of(store.algorithm(), Files.readAllBytes(stream.file())));
        try (SplitStreamReader reader = read(stream)) {
            assertThat(reader.contentType()).isEqualTo(ContentType.BLOB);
            assertThat(reader.size()).isEqualTo(51);
            assertThat(reader.objectReferences()).containsExactly(TWO, ONE);
            assertThat(reader.namedReferences()).isEqualTo(Map.of("z", ONE, "a:b", TWO, "m", ONE));
            assertThat(text(reader.next())).isEqualTo("before");
            assertThat(reader.next()).isEqualTo(new Part.External(TWO));
            assertThat(reader.next()).isEqualTo(new Part.External(ONE));
            assertThat(reader.next()).isEqualTo(new Part.External(TWO));
            assertThat(text(reader.next())).isEqualTo("after");
            assertThat(reader.next()).isNull();
        }
        assertThat(staging.folder()).isDirectoryContaining(stream.file()::equals);
        assertThat(staging.folder().toFile().list()).hasSize(1);
    }

    private static String text(@Nullable Part part) {
        assertThat(part).isInstanceOf(Part.Inline.class);
        return part instanceof Part.Inline inline ? new String(inline.bytes(), StandardCharsets.US_ASCII) : "";
    }

    @Test
    void finish_empty_readsBack() throws Exception {
        try (SplitStreamWriter writer = writer();
                SplitStreamReader reader = read(writer.finish())) {
            assertThat(reader.size()).isZero();
            assertThat(reader.next()).isNull();
            assertThat(reader.namedReferences()).isEmpty();
        }
    }

    @Test
    void finish_runLongerThanIsKeptInMemory_isOneRun() throws Exception {
        byte[] bytes = new byte[3_000_001];
        new Random(1).nextBytes(bytes);
        StagedObject stream;
        try (SplitStreamWriter writer = writer()) {
            for (int at = 0; at < bytes.length; at += 70_000) {
                writer.inline(bytes, at, Math.min(70_000, bytes.length - at));
            }
            writer.external(ONE, 1);
            writer.inline(bytes, 0, 7);
            stream = writer.finish();
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (SplitStreamReader reader = read(stream)) {
            Part part = reader.next();
            for (; part instanceof Part.Inline inline; part = reader.next()) {
                out.writeBytes(inline.bytes());
            }
            assertThat(out.toByteArray()).isEqualTo(bytes);
            assertThat(part).isEqualTo(new Part.External(ONE));
            assertThat(text(reader.next())).hasSize(7);
            assertThat(reader.next()).isNull();
        }
        assertThat(staging.folder()).isDirectoryContaining(stream.file()::equals);
        assertThat(staging.folder().toFile().list()).hasSize(1);
    }

    @Test
    void close_unfinished_leavesNothing() throws Exception {
        try (SplitStreamWriter writer = writer()) {
            writer.inline(new byte[1_000_000], 0, 1_000_000);
            writer.external(ONE, 1);
            writer.inline(new byte[1_000_000], 0, 1_000_000);
        }
        assertThat(staging.folder()).isEmptyDirectory();
    }

    @Test
    void externalAndStream_foreignAlgorithmOrName_refused() throws Exception {
        VerityDigest foreign = FsVerityDigester.of(VerityAlgorithm.SHA256_4K, new byte[1]);
        try (SplitStreamWriter writer = writer()) {
            assertThatThrownBy(() -> writer.external(foreign, 1)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> writer.external(ONE, -1)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> writer.stream("name", foreign)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> writer.stream("a\0b", ONE)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
