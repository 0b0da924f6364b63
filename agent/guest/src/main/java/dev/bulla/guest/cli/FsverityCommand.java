package dev.bulla.guest.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bulla fsverity}: digests and signatures of single files, with the fsverity tool's words. */
@Command(
        name = "fsverity",
        description = "fs-verity digests of files, and PKCS#7 signatures over them, as the fsverity tool's.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {FsverityDigestCommand.class, FsverityVerifyCommand.class})
final class FsverityCommand implements Runnable {
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
