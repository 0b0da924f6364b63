package dev.bulla.provision.cli;

/** The program of this room, for tests of other packages. */
public final class TenantCommand {
    private TenantCommand() {}

    /** Runs a command line and gives its exit code. */
    public static int run(String... words) {
        return Main.run(words);
    }
}
