package dev.bulla.guest.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What is done with single layers. */
@Command(
        name = "layer",
        description = "Work with the layers that the store keeps.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = LayerExportCommand.class)
final class LayerCommand implements Runnable {
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
