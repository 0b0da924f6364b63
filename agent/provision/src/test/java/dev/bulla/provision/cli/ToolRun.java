package dev.bulla.provision.cli;

/** A run of our program in this process. */
public final class ToolRun {
    private ToolRun() {}

    /** Its exit code. */
    public static int of(String... words) {
        return Main.run(words);
    }
}
