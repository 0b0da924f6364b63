package dev.bulla.provision.cli;

import picocli.CommandLine.Command;

/** {@code bulla kbs}: what is done with an attestation service. */
@Command(
        name = "kbs",
        description = "An attestation service for tests and developers.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {KbsServeCommand.class, KbsAuditCommand.class, KbsAdminTokenCommand.class})
final class KbsCommand extends ToolCommand {
    @Override
    boolean run() throws Exception {
        throw usage("kbs: no command is named, expected serve, audit or admin-token");
    }
}
