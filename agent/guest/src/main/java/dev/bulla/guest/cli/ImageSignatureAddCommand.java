package dev.bulla.guest.cli;

import dev.bulla.composefs.signature.SignedDigest;
import dev.bulla.composefs.signature.TrustedKeys;
import dev.bulla.guest.store.ImageSignatures;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bulla image-signature add}: keeps a signed digest where a mount looks for it. */
@Command(name = "add", description = "Verify a signed digest, and keep it beside the images of the store.")
final class ImageSignatureAddCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommonOptions common;

    @Mixin
    private ImageKeyOptions keys = new ImageKeyOptions();

    @Parameters(index = "0", paramLabel = "DIGEST-FILE", description = "the image's digest file")
    private Path digestFile = Path.of("");

    @Parameters(index = "1", paramLabel = "SIGNATURE", description = "the signature over it")
    private Path signature = Path.of("");

    @Override
    public Integer call() throws Exception {
        TrustedKeys trusted = keys.read().keys().orElseThrow(SignedDigestOptions::nobodyIsTrusted);
        SignedDigest signed = ImageSignatures.keep(common.store(), digestFile, signature, trusted);
        spec.commandLine().getOut().println(signed);
        spec.commandLine().getOut().flush();
        return ExitCode.DONE.code();
    }
}
