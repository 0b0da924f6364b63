package dev.bulla.composefs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Digests over blocks of 64 KiB, against {@code fsverity digest --block-size=65536} and a plain second computation. */
class LargeBlockDigestTest {
    private static byte[] filled(int size) {
        byte[] bytes = new byte[size];
        Arrays.fill(bytes, (byte) 'a');
        return bytes;
    }

    @ParameterizedTest(name = "{0} bytes")
    @CsvSource({
        "0, 37a711c20e34543da6c1507ccc4e04258a1725cc672518b1c6d5d03104fb9e95, 7c284b11a1224ca91b4be11979caf78e",
        "1, 5f9822557f7fd142e2f9091cb15695cdbd1f5ab1116b54fc01a8a39555be9232, e2861160657f65b30b4b75a4308de4ae",
        "4096, 4189b7103e372e7517b67e8232e59d02ac245b09f5ad4c36dedccce9f5bb14b7, d160bf97ed4f738af0a4bb722de0931d",
        "65535, b78303454ee3b07bad73af3f36f9db1e0b1b003e7da87302710170af2acb1574, f0a650e0880ca39cec7c9207a527f500",
        "65536, 0710f8a78d333f60cbaaa69d3a26188a7fcd3e03df5bcc4c4ccf52238b6c1c54, 6b7b56aa909cdc9dc48ab641110e107f",
        "65537, 68ca84786a90fc5cc61b0d76be70978e3cb16ad1ae9cdb3a6f1a26f77df74219, b2e8ba7c2ed5b21fd44d579c1c2c9d33",
        "300000, fc80098fa6e6056e17c28fdbeaa1f6e58d582285e887db58a0466870152d36ef, e2340ea59ef5abb7dcbde5512ae65a4b"
    })
    void digest_over64KiBBlocks_isWhatFsverityPrints(int size, String sha256, String sha512Start) {
        byte[] bytes = filled(size);
        assertThat(FsVerityDigester.of(VerityAlgorithm.SHA256_64K, bytes).hex()).isEqualTo(sha256);
        assertThat(FsVerityDigester.of(VerityAlgorithm.SHA512_64K, bytes).hex()).startsWith(sha512Start);
    }

    /** A block of 64 KiB holds 1024 digests of SHA-512, so one byte more than 64 MiB needs a tree of two levels. */
    @Test
    void digest_treeOfTwoLevels_isWhatFsverityPrints() {
        FsVerityDigester digester = new FsVerityDigester(VerityAlgorithm.SHA512_64K);
        byte[] block = filled(1 << 16);
        for (int i = 0; i < 1024; i++) {
            digester.update(block, 0, block.length);
        }
        digester.update(block, 0, 1);
        assertThat(digester.finish().hex())
                .isEqualTo("b8be47dec57071e3f8393acc0d979aa33d7844bc375008df24c20b25335d6ba7"
                        + "8c7547f55f7a46c010b36310edd4ebdda3569aaf8fc561b1db07fb5677b48b4a");
    }

    @Property(tries = 40)
    void digest_ofEachAlgorithm_isThatOfTheWholeTreeInMemory(
            @ForAll @IntRange(max = 900_000) int size, @ForAll long seed) throws Exception {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        for (VerityAlgorithm algorithm : VerityAlgorithm.values()) {
            assertThat(FsVerityDigester.of(algorithm, bytes).bytes()).isEqualTo(whole(algorithm, bytes));
        }
    }

    /** The digest by the kernel's documentation, level by level over arrays. */
    private static byte[] whole(VerityAlgorithm algorithm, byte[] bytes) throws Exception {
        MessageDigest hash = MessageDigest.getInstance(algorithm.length() == 32 ? "SHA-256" : "SHA-512");
        byte[] level = bytes;
        while (level.length > algorithm.length() || level == bytes) {
            int blocks = (level.length + algorithm.blockSize() - 1) / algorithm.blockSize();
            byte[] padded = Arrays.copyOf(level, blocks * algorithm.blockSize());
            ByteBuffer next = ByteBuffer.allocate(blocks * algorithm.length());
            for (int i = 0; i < blocks; i++) {
                hash.update(padded, i * algorithm.blockSize(), algorithm.blockSize());
                next.put(hash.digest());
            }
            level = next.array();
        }
        ByteBuffer descriptor = ByteBuffer.allocate(256).order(ByteOrder.LITTLE_ENDIAN);
        descriptor.put((byte) 1);
        descriptor.put((byte) (algorithm.length() == 32 ? 1 : 2));
        descriptor.put((byte) (algorithm.blockSize() == 4096 ? 12 : 16));
        descriptor.putLong(8, bytes.length);
        descriptor.put(16, level);
        return hash.digest(descriptor.array());
    }
}
