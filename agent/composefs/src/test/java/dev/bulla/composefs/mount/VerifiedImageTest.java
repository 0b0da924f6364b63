package dev.bulla.composefs.mount;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.bulla.composefs.FsVerityDigester;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.linux.SpecialFiles;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class VerifiedImageTest {
    @TempDir
    Path folder = Path.of("");

    private static byte[] image(int flags) {
        byte[] image = new byte[4096];
        ByteBuffer.wrap(image)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(0xd078629a)
                .putInt(1)
                .putInt(flags);
        return image;
    }

    private static VerityDigest digest(byte[] bytes) {
        return FsVerityDigester.of(VerityAlgorithm.SHA256_4K, bytes);
    }

    @Test
    void open_theImage_readsItsFlags() throws Exception {
        for (int flags = 0; flags <= 1; flags++) {
            Path file = Files.write(folder.resolve("image"), image(flags));
            try (VerifiedImage image = VerifiedImage.open(file, digest(image(flags)), Enforcement.GUEST_MEMORY)) {
                assertThat(image.hasAcl()).isEqualTo(flags == 1);
            }
        }
    }

    @Test
    void open_imageOfAVersionWithoutTheFlag_mayHaveAccessControlLists() throws Exception {
        byte[] bytes = image(0);
        for (int version = 0; version <= 3; version++) {
            bytes[12] = (byte) version;
            Path file = Files.write(folder.resolve("image"), bytes);
            try (VerifiedImage image = VerifiedImage.open(file, digest(bytes), Enforcement.GUEST_MEMORY)) {
                assertThat(image.hasAcl()).isEqualTo(version > 1);
            }
        }
    }

    @Test
    void open_sha512_isHashedAsAsked() throws Exception {
        Path file = Files.write(folder.resolve("image"), image(0));
        VerityDigest expected = FsVerityDigester.of(VerityAlgorithm.SHA512_4K, image(0));
        VerifiedImage.open(file, expected, Enforcement.NONE).close();
    }

    @Test
    void open_otherBytes_refused() throws Exception {
        byte[] changed = image(0);
        changed[4095] = 1;
        Path file = Files.write(folder.resolve("image"), changed);
        assertThatThrownBy(() -> VerifiedImage.open(file, digest(image(0)), Enforcement.NONE))
                .isInstanceOfSatisfying(ImageMismatchException.class, e -> {
                    assertThat(e.image()).isEqualTo(file);
                    assertThat(e.expected()).isEqualTo(digest(image(0)));
                })
                .hasMessage("mount: image " + file + ": got fs-verity digest " + digest(changed)
                        + ", expected fs-verity digest " + digest(image(0)));
    }

    @Test
    void open_noVerityWhereTheKernelIsToEnforce_refused() throws Exception {
        Path file = Files.write(folder.resolve("image"), image(0));
        assertThatThrownBy(() -> VerifiedImage.open(file, digest(image(0)), Enforcement.KERNEL_VERITY))
                .isInstanceOf(ImageMismatchException.class)
                .hasMessageContaining("a file without fs-verity");
    }

    @Test
    void open_noComposefsImage_refusedThoughTheDigestAgrees() throws Exception {
        byte[] zeros = new byte[4096];
        Path file = Files.write(folder.resolve("zeros"), zeros);
        assertThatThrownBy(() -> VerifiedImage.open(file, digest(zeros), Enforcement.NONE))
                .isInstanceOf(ImageMismatchException.class)
                .hasMessageContaining("no composefs image");
        Path tiny = Files.write(folder.resolve("tiny"), new byte[] {1, 2, 3});
        assertThatThrownBy(() -> VerifiedImage.open(tiny, digest(new byte[] {1, 2, 3}), Enforcement.NONE))
                .isInstanceOf(ImageMismatchException.class)
                .hasMessageContaining("no composefs image");
    }

    @Test
    @Timeout(10)
    void open_fifoOrFolder_refused() throws Exception {
        Path fifo = folder.resolve("fifo");
        SpecialFiles.fifo(fifo, 0600);
        for (Path path : new Path[] {fifo, folder}) {
            assertThatThrownBy(() -> VerifiedImage.open(path, digest(image(0)), Enforcement.NONE))
                    .isInstanceOf(ImageMismatchException.class)
                    .hasMessageContaining("no regular file");
        }
    }

    @Test
    void open_closedFile_leavesNoDescriptor() throws Exception {
        Path descriptors = Path.of("/proc/self/fd");
        assumeTrue(Files.isDirectory(descriptors), "/proc");
        Path file = Files.write(folder.resolve("image"), new byte[10]);
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> VerifiedImage.open(file, digest(image(0)), Enforcement.NONE))
                    .isInstanceOf(ImageMismatchException.class);
        }
        try (var open = Files.list(descriptors)) {
            assertThat(open.map(VerifiedImageTest::target)).doesNotContain(file.toString());
        }
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (java.io.IOException e) {
            return ""; // the descriptor of the listing itself
        }
    }
}
