package dev.bulla.provision.peer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.bulla.composefs.seal.Seal;
import dev.bulla.composefs.seal.SealArtifact;
import dev.bulla.composefs.seal.SealEntry;
import dev.bulla.composefs.signature.FormattedDigest;
import dev.bulla.oci.Descriptor;
import dev.bulla.provision.cli.ToolRun;
import dev.bulla.provision.mapping.MappingVector;
import dev.bulla.registry.LayoutSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** OpenSSL accepts the signatures of our seals, with a key and a certificate of its own making. */
@Tag("peer")
class SealPeerTest {
    @TempDir
    private Path folder;

    @Test
    void artifact_everySignature_isVerifiedByOpenssl() throws Exception {
        String openssl = Peers.find("openssl", "openssl").toString();
        ProgramRun.of(
                        folder,
                        Map.of(),
                        List.of(
                                openssl,
                                "req",
                                "-x509",
                                "-newkey",
                                "rsa:2048",
                                "-nodes",
                                "-keyout",
                                "key.pem",
                                "-out",
                                "cert.pem",
                                "-subj",
                                "/CN=seal"))
                .succeeded();
        Descriptor image = MappingVector.all().getFirst().write(folder.resolve("image"), "t");
        assertThat(ToolRun.of(
                        "seal",
                        "--artifact",
                        "--key",
                        folder.resolve("key.pem").toString(),
                        "--cert",
                        folder.resolve("cert.pem").toString(),
                        "oci:" + folder.resolve("image") + ":t"))
                .isZero();
        try (LayoutSource source = LayoutSource.open(folder.resolve("image"))) {
            Descriptor artifact =
                    source.referrers(image.digest(), SealArtifact.ARTIFACT_TYPE).getFirst();
            Seal seal =
                    SealArtifact.read(source.fetchByDigest(artifact.digest()).bytes(), image, source::readBlob);
            assertThat(seal.entries()).hasSize(3);
            for (SealEntry entry : seal.entries()) {
                Files.write(
                        folder.resolve("signature"),
                        entry.signature().orElseThrow().der());
                Files.write(folder.resolve("signed"), new FormattedDigest(entry.digest()).bytes());
                ProgramRun.of(
                                folder,
                                Map.of(),
                                List.of(
                                        openssl,
                                        "smime",
                                        "-verify",
                                        "-binary",
                                        "-inform",
                                        "der",
                                        "-in",
                                        "signature",
                                        "-content",
                                        "signed",
                                        "-certfile",
                                        "cert.pem",
                                        "-CAfile",
                                        "cert.pem",
                                        "-out",
                                        "/dev/null"))
                        .succeeded();
            }
        }
    }
}
