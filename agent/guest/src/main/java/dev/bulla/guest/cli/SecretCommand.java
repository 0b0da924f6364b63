package dev.bulla.guest.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bulla secret}: sealed secrets. */
@Command(
        name = "secret",
        description = "Sealed secrets, as Confidential Containers have them.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = SecretUnsealCommand.class)
final class SecretCommand implements Runnable {
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
