package dev.bulla.guest.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.signature.DigestFile;
import dev.bulla.composefs.signature.DigestSignature;
import dev.bulla.composefs.signature.DigestSigner;
import dev.bulla.composefs.signature.ImageDigestCheck;
import dev.bulla.composefs.signature.SignatureCheck;
import dev.bulla.composefs.signature.SignatureRefusedException;
import dev.bulla.composefs.signature.TrustedKeys;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageSignaturesTest {
    private static final VerityDigest IMAGE = new VerityDigest(VerityAlgorithm.SHA256_4K, "ab".repeat(32));
    private static final VerityDigest OTHER = new VerityDigest(VerityAlgorithm.SHA256_4K, "cd".repeat(32));

    @TempDir
    private Path folder = Path.of("set by the test engine");

    private Path store = folder;

    @SuppressWarnings("NullAway.Init") // before each
    private KeyPair key;

    private TrustedKeys trusted = TrustedKeys.of(List.of());

    @BeforeEach
    void makeKey() throws Exception {
        store = folder.resolve("store");
        key = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        trusted = TrustedKeys.parse(pem(key).getBytes(StandardCharsets.US_ASCII), "test");
    }

    private static String pem(KeyPair key) {
        return "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getEncoder().encodeToString(key.getPublic().getEncoded()) + "\n-----END PUBLIC KEY-----\n";
    }

    private Path digestFile(VerityDigest digest) throws Exception {
        return Files.write(folder.resolve("digest"), new DigestFile(digest).bytes());
    }

    private Path signature(VerityDigest digest) throws Exception {
        return Files.write(folder.resolve("sig"), DigestSigner.sign(key.getPrivate(), "test", digest));
    }

    private Path inStore(String suffix) {
        return store.resolve("signatures").resolve(IMAGE.hex() + suffix);
    }

    private void keep() throws Exception {
        ImageSignatures.keep(store, digestFile(IMAGE), signature(IMAGE), trusted);
    }

    private static void assertRefused(SignatureCheck expected, ImageDigestCheck check) {
        SignatureRefusedException refused =
                catchThrowableOfType(SignatureRefusedException.class, () -> check.require(IMAGE));
        assertThat(refused).isNotNull();
        assertThat(refused.check()).as(refused.getMessage()).isEqualTo(expected);
    }

    @Test
    void require_whatWasKept_isSigned() throws Exception {
        keep();
        keep(); // in the place of the first
        assertThat(ImageSignatures.ofStore(store, trusted).require(IMAGE).digest())
                .isEqualTo(IMAGE);
        assertThat(store.resolve("signatures"))
                .isDirectoryNotContaining(file -> file.toString().endsWith(".tmp"));
    }

    @Test
    void require_nothingKept_isRefused() {
        assertRefused(SignatureCheck.PRESENT, ImageSignatures.ofStore(store, trusted));
    }

    @Test
    void require_oneOfTheTwoAbsent_isRefused() throws Exception {
        for (String suffix : List.of(".digest", ".sig")) {
            keep();
            Files.delete(inStore(suffix));
            assertRefused(SignatureCheck.PRESENT, ImageSignatures.ofStore(store, trusted));
        }
    }

    @Test
    void require_folderOrFifoInItsPlace_isRefused() throws Exception {
        for (String suffix : List.of(".digest", ".sig")) {
            keep();
            Files.delete(inStore(suffix));
            Files.createDirectory(inStore(suffix));
            assertRefused(SignatureCheck.PRESENT, ImageSignatures.ofStore(store, trusted));
            Files.delete(inStore(suffix));
        }
    }

    @Test
    void require_signedDigestOfAnotherImage_isRefused() throws Exception {
        keep();
        Files.write(inStore(".digest"), new DigestFile(OTHER).bytes());
        Files.write(inStore(".sig"), Files.readAllBytes(signature(OTHER)));
        assertRefused(SignatureCheck.DIGEST, ImageSignatures.ofStore(store, trusted));
    }

    @Test
    void require_changedBetweenTwoMounts_isRefused() throws Exception {
        keep();
        ImageDigestCheck check = ImageSignatures.ofStore(store, trusted);
        check.require(IMAGE);
        byte[] signature = Files.readAllBytes(inStore(".sig"));
        signature[0] ^= 1;
        Files.write(inStore(".sig"), signature);
        assertRefused(SignatureCheck.SIGNATURE, check);
    }

    @Test
    void require_filesThatAreTooLong_areRefused() throws Exception {
        keep();
        Files.write(inStore(".sig"), new byte[DigestSignature.MAX_LENGTH + 1]);
        assertRefused(SignatureCheck.SIZE, ImageSignatures.ofStore(store, trusted));
        keep();
        byte[] digest = Files.readAllBytes(inStore(".digest"));
        byte[] padded = Arrays.copyOf(digest, DigestFile.MAX_LENGTH + 1);
        Files.write(inStore(".digest"), padded);
        assertRefused(SignatureCheck.SIGNATURE, ImageSignatures.ofStore(store, trusted));
    }

    @Test
    void keep_notSignedByTheTrusted_keepsNothing() throws Exception {
        KeyPair other = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        TrustedKeys others = TrustedKeys.parse(pem(other).getBytes(StandardCharsets.US_ASCII), "other");
        assertThat(catchThrowableOfType(
                                SignatureRefusedException.class,
                                () -> ImageSignatures.keep(store, digestFile(IMAGE), signature(IMAGE), others))
                        .check())
                .isEqualTo(SignatureCheck.SIGNATURE);
        assertThat(store).doesNotExist();
    }

    @Test
    void ofFiles_rawDigest_isReadWhereAskedFor() throws Exception {
        Path raw = Files.write(folder.resolve("raw"), IMAGE.bytes());
        Signature signer = Signature.getInstance("Ed25519");
        signer.initSign(key.getPrivate());
        signer.update(IMAGE.bytes());
        Path signature = Files.write(folder.resolve("raw.sig"), signer.sign());
        assertThat(ImageSignatures.ofFiles(raw, signature, DigestFile.Form.RAW, trusted)
                        .require(IMAGE)
                        .digest())
                .isEqualTo(IMAGE);
        assertRefused(SignatureCheck.DIGEST, ImageSignatures.ofFiles(raw, signature, DigestFile.Form.TEXT, trusted));
    }
}
