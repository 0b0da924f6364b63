package dev.bulla.guest.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bulla image-signature}: detached signatures over the digests of composefs images. */
@Command(
        name = "image-signature",
        description = "Detached signatures over the digests of composefs images.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {ImageSignatureVerifyCommand.class, ImageSignatureAddCommand.class})
final class ImageSignatureCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings({"UnusedVariable", "NullAway.Init"}) // picocli sets and reads it
    private CommonOptions common;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command is named");
    }
}
