package dev.bulla.guest.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.bulla.composefs.FormatVersion;
import dev.bulla.composefs.FsVerityDigester;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.oci.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuthenticatedRecordsTest {
    @TempDir
    private Path store;

    private static ImageIdentity identity(String config) {
        return new ImageIdentity(sha256(config), "faithful", FormatVersion.V1, VerityAlgorithm.SHA256_4K);
    }

    private static Digest sha256(String text) {
        return Digest.Algorithm.SHA256.of(text.getBytes(StandardCharsets.UTF_8));
    }

    private static VerityDigest verity(String text) {
        return FsVerityDigester.of(VerityAlgorithm.SHA256_4K, text.getBytes(StandardCharsets.UTF_8));
    }

    private static VouchedImage image(String text) {
        return new VouchedImage(
                verity(text),
                Map.of("files", 3L),
                new TreeMap<>(Map.of(sha256("layer").toString(), verity("stream"))));
    }

    private AuthenticatedRecords records(int key) {
        byte[] bytes = new byte[AuthenticatedRecords.KEY_LENGTH];
        Arrays.fill(bytes, (byte) key);
        return new AuthenticatedRecords(store, bytes, new SecureRandom());
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(store.resolve("records/authenticated"))) {
            return files.sorted().toList();
        }
    }

    private Path only() throws IOException {
        assertThat(files()).hasSize(1);
        return files().getFirst();
    }

    private void assertRefused(String config, String problem) {
        try (AuthenticatedRecords records = records(1)) {
            assertThatExceptionOfType(RecordRefusedException.class)
                    .isThrownBy(() -> records.find(identity(config)))
                    .withMessageContaining(problem);
        }
    }

    @Test
    void put_record_isFoundByWhoeverHasTheKey() throws IOException {
        try (AuthenticatedRecords records = records(1)) {
            assertThat(records.find(identity("a"))).isEmpty();
            records.put(identity("a"), image("a"));
        }
        try (AuthenticatedRecords records = records(1)) {
            assertThat(records.find(identity("a"))).contains(image("a"));
            assertThat(records.find(identity("b"))).isEmpty();
            assertThat(records.find(
                            new ImageIdentity(sha256("a"), "faithful", FormatVersion.V2, VerityAlgorithm.SHA256_4K)))
                    .isEmpty();
        }
        assertThat(Files.readString(only(), StandardCharsets.ISO_8859_1))
                .startsWith("BullaRec\1")
                .doesNotContain("imageDigest");
    }

    @Test
    void put_again_replacesAndCounts() throws IOException {
        try (AuthenticatedRecords records = records(1)) {
            records.put(identity("a"), image("a"));
            records.put(identity("b"), image("b"));
            records.put(identity("a"), image("c"));
            assertThat(records.read(identity("a")).orElseThrow().counter()).isEqualTo(3);
            assertThat(records.read(identity("b")).orElseThrow().counter()).isEqualTo(2);
            assertThat(records.highestCounter()).isEqualTo(3);
        }
        try (AuthenticatedRecords records = records(1)) {
            assertThat(records.highestCounter()).isEqualTo(3);
            records.put(identity("d"), image("d"));
            assertThat(records.read(identity("d")).orElseThrow().counter()).isEqualTo(4);
        }
        assertThat(files()).hasSize(3); // and nothing half written
    }

    @Test
    void find_otherKey_isRefused() throws IOException {
        try (AuthenticatedRecords records = records(2)) {
            records.put(identity("a"), image("a"));
        }
        assertRefused("a", "not authentic");
    }

    @Test
    void find_everyByteChanged_isRefused() throws IOException {
        try (AuthenticatedRecords records = records(1)) {
            records.put(identity("a"), image("a"));
            byte[] bytes = Files.readAllBytes(only());
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] ^= 1;
                Files.write(only(), bytes);
                assertThatExceptionOfType(RecordRefusedException.class)
                        .as("byte %d", i)
                        .isThrownBy(() -> records.find(identity("a")));
                bytes[i] ^= 1;
            }
            for (int length : new int[] {0, 8, 9, 20, 36, bytes.length - 1}) {
                Files.write(only(), Arrays.copyOf(bytes, length));
                assertThatExceptionOfType(RecordRefusedException.class)
                        .as("%d bytes", length)
                        .isThrownBy(() -> records.find(identity("a")));
            }
            Files.write(only(), Arrays.copyOf(bytes, bytes.length + 1));
            assertThatExceptionOfType(RecordRefusedException.class).isThrownBy(() -> records.find(identity("a")));
            Files.write(only(), new byte[(1 << 20) + 1]);
            assertThatExceptionOfType(RecordRefusedException.class).isThrownBy(() -> records.find(identity("a")));
        }
    }

    @Test
    void find_recordOfAnotherImageUnderThisName_isRefused() throws IOException {
        try (AuthenticatedRecords records = records(1)) {
            records.put(identity("a"), image("a"));
            Path ours = only();
            records.put(identity("foreign"), image("foreign"));
            Path foreign = files().stream()
                    .filter(file -> !file.equals(ours))
                    .findFirst()
                    .orElseThrow();
            Files.move(foreign, ours, StandardCopyOption.REPLACE_EXISTING);
        }
        assertRefused("a", "of another image");
    }

    @Test
    void find_olderRecordThanWasSeen_isRefusedWithinAnOpening() throws IOException {
        try (AuthenticatedRecords records = records(1)) {
            records.put(identity("a"), image("old"));
            byte[] old = Files.readAllBytes(only());
            records.put(identity("a"), image("new"));
            Files.write(only(), old);
            assertThatExceptionOfType(RecordRefusedException.class)
                    .isThrownBy(() -> records.find(identity("a")))
                    .withMessageContaining("set back");
        }
        // Nobody has seen the newer one now; what the older one says is as true as it was.
        try (AuthenticatedRecords records = records(1)) {
            assertThat(records.find(identity("a"))).contains(image("old"));
        }
    }

    @Test
    void find_symbolicLink_isNotFollowed() throws IOException {
        try (AuthenticatedRecords records = records(1)) {
            records.put(identity("a"), image("a"));
            Path moved = store.resolve("elsewhere");
            Path file = only();
            Files.move(file, moved);
            Files.createSymbolicLink(file, moved);
            assertThatExceptionOfType(IOException.class).isThrownBy(() -> records.find(identity("a")));
        }
    }

    @Test
    void records_keyOfAnotherLength_isRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AuthenticatedRecords(store, new byte[31], new SecureRandom()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AuthenticatedRecords(store, new byte[33], new SecureRandom()));
    }

    @Test
    void close_wipesTheKey() throws IOException {
        byte[] key = new byte[AuthenticatedRecords.KEY_LENGTH];
        Arrays.fill(key, (byte) 7);
        AuthenticatedRecords records = new AuthenticatedRecords(store, key, new SecureRandom());
        records.put(identity("a"), image("a"));
        records.close();
        assertThat(key).containsOnly(0);
        assertThatIllegalStateException().isThrownBy(() -> records.find(identity("a")));
    }

    @Test
    void vouching_unprotectedStore_doesNotAskTheMemory() {
        ComputedImages computed = new ComputedImages();
        computed.put(identity("a"), image("a"));
        StoreTrust trust = new StoreTrust(computed, Optional.empty());
        assertThat(trust.vouching(StoreBacking.UNPROTECTED)).isEmpty();
        assertThat(trust.vouching(StoreBacking.GUEST_MEMORY)).containsExactly(computed);
        assertThat(trust.vouching(StoreBacking.DM_CRYPT)).containsExactly(computed);
        assertThat(computed.find(identity("a"))).contains(image("a"));
        assertThat(computed.find(identity("b"))).isEmpty();
    }
}
