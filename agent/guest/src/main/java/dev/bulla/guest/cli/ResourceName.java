package dev.bulla.guest.cli;

import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** What an option names: a file by its path, or a resource by its URI. */
final class ResourceName {
    private ResourceName() {}

    /** Its URI, {@code kbs:///…} or {@code file:///…}. */
    static URI parse(String fileOrUri) throws CommandException {
        try {
            return fileOrUri.startsWith("kbs://") || fileOrUri.startsWith("file://")
                    ? URI.create(fileOrUri)
                    : Path.of(fileOrUri).toAbsolutePath().normalize().toUri();
        } catch (InvalidPathException e) {
            throw new CommandException(ExitCode.USAGE, fileOrUri + ": not a path: " + e.getReason(), e);
        } catch (IllegalArgumentException e) {
            throw new CommandException(ExitCode.USAGE, fileOrUri + ": not a URI: " + e.getMessage(), e);
        }
    }
}
