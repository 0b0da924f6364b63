package dev.bulla.guest.cli;

import dev.bulla.composefs.signature.ImageDigestCheck;
import dev.bulla.composefs.signature.SignedDigest;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bulla image-signature verify}: what a mount would check, without one. */
@Command(name = "verify", description = "Verify that an image's digest is signed, as bulla mount does.")
final class ImageSignatureVerifyCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommonOptions common;

    @Mixin
    private SignedDigestOptions signatures = new SignedDigestOptions();

    @Parameters(
            index = "0",
            paramLabel = "IMAGE",
            description = "an image's digest, fsverity-sha256-12:HEX or HEX; or an image file, by a path with a /")
    private String image = "";

    @Override
    public Integer call() throws Exception {
        SignedDigest signed = image.contains("/") ? signatures.verify(Path.of(image)) : ofStore();
        spec.commandLine().getOut().println(signed);
        spec.commandLine().getOut().flush();
        return ExitCode.DONE.code();
    }

    private SignedDigest ofStore() throws Exception {
        ImageDigestCheck check = signatures.open(common.store()).orElseThrow(SignedDigestOptions::nobodyIsTrusted);
        return check.require(MountedDigest.parse(image)
                .orElseThrow(() -> new CommandException(
                        ExitCode.USAGE, image + ": expected an image's digest, or a path with a / to an image file")));
    }
}
