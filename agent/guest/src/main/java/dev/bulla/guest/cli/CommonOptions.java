package dev.bulla.guest.cli;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The options that every command takes. */
public final class CommonOptions {
    /** Where images are kept unless {@code --store} says otherwise. */
    static final String DEFAULT_STORE = "/var/lib/bulla";

    @Option(
            names = "--store",
            paramLabel = "DIR",
            defaultValue = DEFAULT_STORE,
            description = "where pulled images are kept, for commands that use them (default: ${DEFAULT-VALUE})")
    private Path store = Path.of(DEFAULT_STORE);

    @Option(names = "--debug", description = "with a refusal, show the stack trace as well")
    private boolean debug;

    @SuppressWarnings("UnusedVariable") // picocli reads it
    @Option(names = "--help", usageHelp = true, description = "show this help and exit")
    private boolean help;

    /** The store's folder. */
    public Path store() {
        return store;
    }

    /** Whether stack traces are wanted. */
    public boolean debug() {
        return debug;
    }
}
