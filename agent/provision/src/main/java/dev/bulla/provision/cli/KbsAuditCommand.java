package dev.bulla.provision.cli;

import picocli.CommandLine.Command;

/** {@code bulla kbs audit}: what is done with an attestation service's audit log. */
@Command(
        name = "audit",
        description = "An attestation service's audit log.",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = KbsAuditVerifyCommand.class)
final class KbsAuditCommand extends ToolCommand {
    @Override
    boolean run() throws Exception {
        throw usage("kbs audit: no command is named, expected verify");
    }
}
