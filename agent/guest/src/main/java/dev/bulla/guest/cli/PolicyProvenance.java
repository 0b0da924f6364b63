package dev.bulla.guest.cli;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;

/** Where a policy comes from, as far as that says whose word it is. */
enum PolicyProvenance {
    /** A file of the guest's measured configuration: below {@code /etc/bulla}, links followed. */
    MEASURED,
    /** A KBS that is known by its pinned TLS roots. */
    PINNED_KBS,
    /** Anywhere else: whoever writes the command line may have written it. */
    ANYWHERE;

    /** Where a guest's measured configuration is. */
    static final Path MEASURED_FOLDER = Path.of("/etc/bulla");

    /**
     * The provenance of a policy that was read from there.
     *
     * @param policy a {@code file:} or {@code kbs:} URI
     * @param kbsPinned whether there is a KBS and its TLS roots are pinned
     */
    static PolicyProvenance of(URI policy, boolean kbsPinned) throws IOException {
        return of(policy, kbsPinned, MEASURED_FOLDER);
    }

    static PolicyProvenance of(URI policy, boolean kbsPinned, Path measuredFolder) throws IOException {
        if (policy.getScheme().equals("file")) {
            return Path.of(policy).toRealPath().startsWith(measuredFolder) ? MEASURED : ANYWHERE;
        }
        return kbsPinned ? PINNED_KBS : ANYWHERE;
    }

    /** Whether the times that it and its signatures give are believed. */
    boolean tellsTime() {
        return this != ANYWHERE;
    }
}
