package dev.bulla.provision.cli;

import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.signature.FsVeritySigner;
import dev.bulla.guest.cli.VerityOptions;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code bulla fsverity sign}: the PKCS#7 signature over a file's fs-verity digest, as the fsverity tool makes it. */
@Command(name = "sign", description = "Sign the fs-verity digest of a file, as the fsverity tool does.")
final class FsveritySignCommand extends ToolCommand {
    @Mixin
    private SigningKeyOptions signing = new SigningKeyOptions();

    @Mixin
    private VerityOptions verity = new VerityOptions();

    @Parameters(index = "0", paramLabel = "FILE", description = "the file")
    private Path file = Path.of("");

    @Parameters(index = "1", paramLabel = "OUT_SIGFILE", description = "where the signature goes, in DER")
    private Path signature = Path.of("");

    @Override
    boolean run() throws Exception {
        X509Certificate certificate = signing.certificate().orElseThrow(() -> usage("--cert: got none, expected one"));
        VerityDigest digest = verity.digest(file);
        SigningKeyOptions.write(signature, FsVeritySigner.sign(signing.key(), certificate, digest));
        out().println("Signed file '" + file + "' (" + VerityOptions.shown(digest) + ")");
        return true;
    }
}
