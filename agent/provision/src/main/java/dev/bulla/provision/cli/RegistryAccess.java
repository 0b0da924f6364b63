package dev.bulla.provision.cli;

import dev.bulla.oci.OciException;
import dev.bulla.registry.AuthFile;
import dev.bulla.registry.AuthFileException;
import dev.bulla.registry.InsecureHost;
import dev.bulla.registry.RegistryOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of commands that speak to a registry. */
final class RegistryAccess {
    @Option(names = "--authfile", paramLabel = "FILE", description = "credentials, as podman login writes them")
    private @Nullable Path authFile;

    @Option(
            names = "--insecure-registry",
            paramLabel = "HOST[:PORT]",
            description = "plain HTTP or an unverified certificate for exactly this host (repeatable)")
    private List<String> insecure = List.of();

    RegistryOptions options() throws IOException, OciException, AuthFileException {
        RegistryOptions options = RegistryOptions.defaults();
        if (authFile != null) {
            try (InputStream in = Files.newInputStream(authFile)) {
                options = options.withCredentials(AuthFile.parse(in.readNBytes(AuthFile.MAX_SIZE + 1)));
            }
        }
        for (String host : insecure) {
            options = options.withInsecureHost(InsecureHost.parse(host));
        }
        return options;
    }
}
