package dev.bulla.guest.cli;

import dev.bulla.composefs.VerityDigest;
import dev.bulla.composefs.signature.SignedDigest;
import java.nio.file.Path;
import java.util.Optional;
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
            description = "an image file; or the digest of an image of the store, fsverity-sha256-12:HEX or HEX")
    private String image = "";

    @Override
    public Integer call() throws Exception {
        Optional<VerityDigest> digest = MountedDigest.parse(image);
        SignedDigest signed = digest.isPresent() ? ofStore(digest.get()) : signatures.verify(Path.of(image));
        spec.commandLine().getOut().println(signed);
        spec.commandLine().getOut().flush();
        return ExitCode.DONE.code();
    }

    private SignedDigest ofStore(VerityDigest digest) throws Exception {
        return signatures
                .check(signatures.read(), common.store())
                .orElseThrow(SignedDigestOptions::nobodyIsTrusted)
                .require(digest);
    }
}
