package dev.bulla.guest.cli;

/** How a command answers on stdout. */
public enum OutputFormat {
    /** For people. */
    text,
    /** One JSON object, for programs. */
    json
}
