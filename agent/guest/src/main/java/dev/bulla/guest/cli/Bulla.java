package dev.bulla.guest.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The root of the command line; does nothing without a sub-command. */
@Command(
        name = "bulla",
        description = "Pulls, judges, decrypts and seals OCI images inside a confidential guest.",
        synopsisSubcommandLabel = "COMMAND",
        versionProvider = VersionProvider.class,
        subcommands = {
            PullCommand.class,
            ImagesCommand.class,
            InspectCommand.class,
            TagsCommand.class,
            TagCommand.class,
            UntagCommand.class,
            FsckCommand.class,
            GcCommand.class,
            MountCommand.class,
            UmountCommand.class,
            DoctorCommand.class,
            FsverityCommand.class,
            ImageSignatureCommand.class,
            LayerCommand.class,
            SaveCommand.class,
            SecretCommand.class,
            PolicyCommand.class
        },
        footer = {
            "",
            "mkcomposefs, composefs-info and composefs-dump take the arguments of the C tools of that name.",
            "",
            "Exit codes: 0 done; 1 a defect; 2 usage; 3 refused by policy; 4 registry; 5 attestation or keys;"
                    + " 6 content refused or broken; 7 store or I/O."
        })
public final class Bulla implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Mixin
    @SuppressWarnings({"UnusedVariable", "NullAway.Init"}) // picocli sets and reads it
    private CommonOptions common;

    @SuppressWarnings("UnusedVariable") // picocli reads it
    @Option(names = "--version", versionHelp = true, description = "print the version and exit")
    private boolean version;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command is named");
    }
}
