package dev.bulla.provision.cli;

import dev.bulla.guest.cli.CommandException;
import dev.bulla.guest.cli.ExitCode;
import dev.bulla.kbs.audit.AuditException;
import dev.bulla.kbs.audit.AuditHead;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code bulla kbs audit verify}: whether nothing in an audit log was changed, removed, put in or moved. */
@Command(
        name = "verify",
        description = "Verify an audit log's chain; prints how many records it has and the hash of the last.")
final class KbsAuditVerifyCommand extends ToolCommand {
    @Parameters(paramLabel = "FILE", description = "the log")
    private Path file = Path.of("");

    @Option(
            names = "--expect-last",
            paramLabel = "HASH",
            description =
                    "the hash of the last record as it was kept elsewhere: without it, a log that was cut short verifies")
    private @Nullable String expected;

    @Override
    boolean run() throws Exception {
        try {
            AuditHead head = AuditHead.verify(file);
            out().println(head.records() + " " + head.hash());
            out().flush();
            if (expected != null && !expected.equals(head.hash())) {
                err().println("audit log " + file + ": it ends with another record than expected");
                err().flush();
                return false;
            }
            return true;
        } catch (AuditException e) {
            throw new CommandException(ExitCode.CONTENT, e.getMessage(), e);
        }
    }
}
