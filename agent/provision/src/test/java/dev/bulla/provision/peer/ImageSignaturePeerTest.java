package dev.bulla.provision.peer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.provision.cli.TenantCommand;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Signatures over digest files, and over files' fs-verity digests, by the commands and by OpenSSL and fsverity. */
@Tag("peer")
class ImageSignaturePeerTest {
    @TempDir
    private Path folder = Path.of("set by the test engine");

    private String openssl = "set before each test";

    @BeforeEach
    void makeKeys() throws Exception {
        openssl = Peers.find("openssl", "openssl").toString();
        Files.writeString(folder.resolve("image"), "an image\n".repeat(1000), StandardCharsets.US_ASCII);
        run(openssl, "genpkey", "-algorithm", "ED25519", "-out", "ed25519.pem");
        run(openssl, "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "p256.pem");
        run(openssl, "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "rsa.pem");
        for (String key : List.of("ed25519", "p256")) {
            run(openssl, "pkey", "-in", key + ".pem", "-pubout", "-out", key + ".pub");
        }
        for (String key : List.of("p256", "rsa")) {
            run(openssl, "req", "-x509", "-subj", "/CN=" + key, "-key", key + ".pem", "-out", key + ".crt");
        }
    }

    private String run(String... command) throws Exception {
        return ProgramRun.of(folder, Map.of(), List.of(command)).succeeded().out();
    }

    private String file(String name) {
        return folder.resolve(name).toString();
    }

    private static void ours(int code, String... words) {
        assertThat(TenantCommand.run(words)).as(String.join(" ", words)).isEqualTo(code);
    }

    private void assertOursVerify(String trusted, int code) {
        ours(code, "image-signature", "verify", "--signature-key", file(trusted), file("image"));
    }

    @Test
    void sign_ed25519_opensslVerifiesIt() throws Exception {
        ours(0, "image-signature", "sign", "--key", file("ed25519.pem"), file("image"));
        run(
                openssl,
                "pkeyutl",
                "-verify",
                "-rawin",
                "-pubin",
                "-inkey",
                "ed25519.pub",
                "-in",
                "image.digest",
                "-sigfile",
                "image.sig");
        assertOursVerify("ed25519.pub", 0);
        assertOursVerify("p256.pub", 6);
    }

    @Test
    void sign_p256_opensslVerifiesIt() throws Exception {
        ours(0, "image-signature", "sign", "--key", file("p256.pem"), "--hash-alg", "sha512", file("image"));
        assertThat(folder.resolve("image.digest")).content().startsWith("fsverity-sha512-12:");
        run(openssl, "dgst", "-sha256", "-verify", "p256.pub", "-signature", "image.sig", "image.digest");
        assertOursVerify("p256.pub", 0);
        assertOursVerify("ed25519.pub", 6);
    }

    @Test
    void verify_whatOpensslSigned_isAccepted() throws Exception {
        String hex = run(Peers.find("fsverity", "fsverity").toString(), "digest", "--compact", "image")
                .strip();
        Files.writeString(folder.resolve("image.digest"), "fsverity-sha256-12:" + hex + "\n");
        run(openssl, "pkeyutl", "-sign", "-rawin", "-inkey", "ed25519.pem", "-in", "image.digest", "-out", "image.sig");
        assertOursVerify("ed25519.pub", 0);
        run(openssl, "dgst", "-sha256", "-sign", "p256.pem", "-out", "image.sig", "image.digest");
        assertOursVerify("p256.pub", 0);
        run(openssl, "base64", "-A", "-in", "image.sig", "-out", "image.b64");
        Files.write(folder.resolve("image.sig"), Files.readAllBytes(folder.resolve("image.b64")));
        assertOursVerify("p256.pub", 0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rsa", "p256"})
    void sign_withACertificate_isWhatFsverityMakes(String key) throws Exception {
        String fsverity = Peers.find("fsverity", "fsverity").toString();
        ours(0, "image-signature", "sign", "--key", file(key + ".pem"), "--cert", file(key + ".crt"), file("image"));
        assertOursVerify(key + ".crt", 0);
        assertOursVerify("ed25519.pub", 6);
        // The signature of the image's own digest is the one that fsverity would make.
        run(fsverity, "sign", "image", "image.sig", "--key=" + key + ".pem", "--cert=" + key + ".crt");
        assertOursVerify(key + ".crt", 0);
        String cert = file(key + ".crt");
        ours(0, "fsverity", "verify", "--cert", cert, file("image"), file("image.sig"));
        ours(0, "fsverity", "sign", "--key", file(key + ".pem"), "--cert", cert, file("image"), file("ours.sig"));
        ours(0, "fsverity", "verify", "--cert", cert, file("image"), file("ours.sig"));
        ours(6, "fsverity", "verify", "--cert", cert, "--hash-alg", "sha512", file("image"), file("ours.sig"));
    }

    @Test
    void sign_digestOfAnImageElsewhere_writesBothFiles() {
        String digest = "fsverity-sha256-12:" + "ab".repeat(32);
        String key = file("ed25519.pem");
        ours(0, "image-signature", "sign", "--key", key, "--digest", digest, "--out", file("elsewhere"));
        assertThat(folder.resolve("elsewhere.digest")).hasContent(digest);
        assertThat(folder.resolve("elsewhere.sig")).hasSize(64);
    }

    @Test
    void sign_whatCannotBe_isUsage() {
        String key = file("ed25519.pem");
        String out = file("x");
        ours(2, "image-signature", "sign", "--key", key);
        ours(2, "image-signature", "sign", "--key", key, "--digest", "ab", "--out", out);
        ours(2, "image-signature", "sign", "--key", key, "--digest", "fsverity-sha256-12:" + "ab".repeat(32));
        ours(2, "image-signature", "sign", "--key", file("ed25519.pub"), file("image"));
        ours(2, "image-signature", "sign", "--key", file("rsa.pem"), file("image"));
        ours(2, "image-signature", "sign", "--key", key, "--cert", file("rsa.crt"), file("image"));
        ours(2, "image-signature", "sign", "--key", file("p256.pem"), "--cert", file("p256.pub"), file("image"));
        ours(2, "fsverity", "sign", "--key", file("rsa.pem"), file("image"), out);
        assertThat(folder.resolve("image.sig")).doesNotExist();
        assertThat(folder.resolve("x")).doesNotExist();
    }
}
