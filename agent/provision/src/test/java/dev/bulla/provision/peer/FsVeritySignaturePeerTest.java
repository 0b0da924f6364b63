package dev.bulla.provision.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.bulla.composefs.FsVerityDigester;
import dev.bulla.composefs.VerityAlgorithm;
import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.signature.FormattedDigest;
import dev.bulla.composefs.signature.FsVeritySignature;
import dev.bulla.composefs.signature.FsVeritySigner;
import dev.bulla.composefs.signature.SignatureRefusedException;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** PKCS#7 signatures over fs-verity digests: the fsverity tool's and OpenSSL's with ours, both ways. */
@Tag("peer")
class FsVeritySignaturePeerTest {
    @TempDir
    private Path folder = Path.of("set by the test engine");

    private final byte[] content = "to be signed\n".repeat(1000).getBytes(StandardCharsets.US_ASCII);

    private record Signer(PrivateKey key, X509Certificate certificate) {}

    @ParameterizedTest
    @CsvSource({"rsa,SHA256_4K", "rsa,SHA512_4K", "P-256,SHA256_4K", "P-384,SHA512_4K", "P-521,SHA256_4K"})
    void verify_whatFsveritySigned_isAccepted(String kind, VerityAlgorithm algorithm) throws Exception {
        Path fsverity = Peers.find("fsverity", "fsverity");
        Signer signer = prepare(kind);
        run(
                fsverity,
                "sign",
                "content",
                "signature",
                "--key=key.pem",
                "--cert=cert.pem",
                "--hash-alg=" + algorithm.hash().id());
        byte[] signature = Files.readAllBytes(folder.resolve("signature"));
        VerityDigest digest = FsVerityDigester.of(algorithm, content);

        assertThat(FsVeritySignature.verify(signature, digest, List.of(signer.certificate))
                        .digest())
                .isEqualTo(digest);
        assertThatThrownBy(() -> FsVeritySignature.verify(
                        signature, FsVerityDigester.of(algorithm, new byte[1]), List.of(signer.certificate)))
                .isInstanceOf(SignatureRefusedException.class);
        if (kind.equals("rsa")) { // which has no randomness
            assertThat(FsVeritySigner.sign(signer.key, signer.certificate, digest))
                    .isEqualTo(signature);
        }
    }

    @ParameterizedTest
    @CsvSource({"rsa,SHA256_4K", "rsa,SHA512_4K", "P-256,SHA256_4K", "P-384,SHA512_4K", "P-521,SHA256_4K"})
    void verify_whatOpensslSigned_isAccepted(String kind, VerityAlgorithm algorithm) throws Exception {
        Path openssl = Peers.find("openssl", "openssl");
        Signer signer = prepare(kind);
        VerityDigest digest = FsVerityDigester.of(algorithm, content);
        Files.write(folder.resolve("formatted"), new FormattedDigest(digest).bytes());
        run(
                openssl,
                "smime",
                "-sign",
                "-noattr",
                "-nocerts",
                "-binary",
                "-outform",
                "der",
                "-in",
                "formatted",
                "-inkey",
                "key.pem",
                "-signer",
                "cert.pem",
                "-out",
                "signature");

        assertThat(FsVeritySignature.verify(
                                Files.readAllBytes(folder.resolve("signature")), digest, List.of(signer.certificate))
                        .digest())
                .isEqualTo(digest);
    }

    @ParameterizedTest
    @CsvSource({"rsa,SHA256_4K", "rsa,SHA512_4K", "P-256,SHA256_4K", "P-384,SHA512_4K", "P-521,SHA256_4K"})
    void sign_eachKind_opensslVerifiesIt(String kind, VerityAlgorithm algorithm) throws Exception {
        Path openssl = Peers.find("openssl", "openssl");
        Path fsverity = Peers.find("fsverity", "fsverity");
        Signer signer = prepare(kind);
        VerityDigest digest = FsVerityDigester.of(algorithm, content);
        Files.write(folder.resolve("signature"), FsVeritySigner.sign(signer.key, signer.certificate, digest));
        // What was signed is what the fsverity tool says must be.
        String formatted = run(
                        fsverity,
                        "digest",
                        "--for-builtin-sig",
                        "--compact",
                        "--hash-alg=" + algorithm.hash().id(),
                        "content")
                .strip();
        Files.write(folder.resolve("formatted"), HexFormat.of().parseHex(formatted));

        List<String> verify = new ArrayList<>(
                List.of("smime", "-verify", "-binary", "-inform", "der", "-in", "signature", "-content", "formatted"));
        verify.addAll(List.of("-certfile", "cert.pem", "-nointern", "-noverify", "-out", "verified"));
        run(openssl, verify.toArray(String[]::new));
        assertThat(folder.resolve("verified")).hasBinaryContent(Files.readAllBytes(folder.resolve("formatted")));
    }

    private Signer prepare(String kind) throws Exception {
        Files.write(folder.resolve("content"), content);
        List<String> newKey = kind.equals("rsa")
                ? List.of("-newkey", "rsa:2048")
                : List.of("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:" + kind);
        List<String> arguments = new ArrayList<>(List.of("req", "-x509", "-nodes", "-subj", "/CN=fs-verity test"));
        arguments.addAll(newKey);
        arguments.addAll(List.of("-keyout", "key.pem", "-out", "cert.pem"));
        run(Peers.find("openssl", "openssl"), arguments.toArray(String[]::new));
        byte[] der = Base64.getMimeDecoder()
                .decode(Files.readString(folder.resolve("key.pem"), StandardCharsets.US_ASCII)
                        .replaceAll("-----[^-]*-----", ""));
        return new Signer(
                KeyFactory.getInstance(kind.equals("rsa") ? "RSA" : "EC").generatePrivate(new PKCS8EncodedKeySpec(der)),
                (X509Certificate) CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(Files.readAllBytes(folder.resolve("cert.pem")))));
    }

    private String run(Path program, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(arguments));
        return ProgramRun.of(folder, Map.of(), command).succeeded().out();
    }
}
