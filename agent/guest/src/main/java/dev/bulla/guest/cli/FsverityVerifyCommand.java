package dev.bulla.guest.cli;

import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.signature.FsVeritySignature;
import dev.bulla.composefs.signature.SignedDigest;
import dev.bulla.composefs.signature.TrustedKeys;
import dev.bulla.guest.pull.GuestResources;
import dev.bulla.oci.ResourceException;
import dev.bulla.oci.ResourceSource;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bulla fsverity verify}: a file and its PKCS#7 signature, in user space. */
@Command(name = "verify", description = "Verify the PKCS#7 signature over a file's fs-verity digest.")
final class FsverityVerifyCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings({"UnusedVariable", "NullAway.Init"}) // picocli sets and reads it
    private CommonOptions common;

    @Mixin
    private VerityOptions verity = new VerityOptions();

    @Option(
            names = "--cert",
            required = true,
            paramLabel = "FILE",
            description = "PEM certificates whose signatures are believed (repeatable)")
    private List<Path> certificateFiles = List.of();

    @Parameters(index = "0", paramLabel = "FILE", description = "the file")
    private Path file = Path.of("");

    @Parameters(index = "1", paramLabel = "SIGFILE", description = "its signature, as fsverity sign writes it")
    private Path signature = Path.of("");

    @Override
    public Integer call() throws CommandException, IOException, ResourceException {
        ResourceSource files = new GuestResources(Optional.empty()).trusted();
        List<X509Certificate> trusted = new ArrayList<>();
        for (Path certificate : certificateFiles) {
            byte[] pem = files.fetch(certificate.toAbsolutePath().toUri(), TrustedKeys.MAX_LENGTH);
            trusted.addAll(TrustedKeys.parse(pem, certificate.toString()).certificates());
        }
        byte[] der = files.fetch(signature.toAbsolutePath().toUri(), FsVeritySignature.MAX_LENGTH);
        VerityDigest digest = verity.digest(file);
        SignedDigest signed = FsVeritySignature.verify(der, digest, trusted);
        spec.commandLine().getOut().println(VerityOptions.shown(digest) + " " + file + " signed by " + signed.signer());
        spec.commandLine().getOut().flush();
        return ExitCode.DONE.code();
    }
}
