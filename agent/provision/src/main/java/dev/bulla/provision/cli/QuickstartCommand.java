package dev.bulla.provision.cli;

import dev.bulla.provision.quickstart.Quickstart;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import picocli.CommandLine.Command;

/** {@code bulla quickstart}: shows the whole way on this machine. */
@Command(
        name = "quickstart",
        description = "Show it all on this machine: an attestation service, a registry, a pull, three refusals.")
final class QuickstartCommand extends ToolCommand {
    @Override
    boolean run() throws Exception {
        Quickstart quickstart = new Quickstart(
                System.out,
                Path.of(System.getProperty("java.home", "")),
                System.getProperty("java.class.path", ""),
                isRoot(),
                InstantSource.system(),
                new SecureRandom());
        return quickstart.run();
    }

    private static boolean isRoot() throws Exception {
        return Files.getAttribute(Path.of("/proc/self"), "unix:uid") instanceof Integer uid && uid == 0;
    }
}
