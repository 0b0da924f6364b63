package dev.bulla.guest.cli;

import dev.bulla.guest.pull.ImageName;
import dev.bulla.guest.signature.SignaturePlaces;
import dev.bulla.policy.SignatureSource;
import dev.bulla.registry.ImageSource;
import dev.bulla.registry.Lookaside;
import dev.bulla.registry.LookasideConfiguration;
import dev.bulla.registry.LookasideConfigurationException;
import dev.bulla.registry.RegistryException;
import dev.bulla.registry.RegistryOptions;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where signatures are looked for beside registries, for commands that judge images. */
final class SignatureStoreOptions {
    @Option(
            names = "--registries-d",
            paramLabel = "FOLDER",
            description =
                    "where simple signing signatures are stored, as containers-registries.d(5) (default: nowhere)")
    private @Nullable Path folder;

    /** The stores that the folder names; none where none was named. */
    Lookaside open(RegistryOptions options) throws CommandException, RegistryException {
        return Lookaside.open(configuration(), options);
    }

    boolean named() {
        return folder != null;
    }

    LookasideConfiguration configuration() throws CommandException, RegistryException {
        try {
            return folder == null ? LookasideConfiguration.NONE : LookasideConfiguration.read(folder);
        } catch (LookasideConfigurationException e) {
            throw new CommandException(ExitCode.USAGE, "--registries-d: " + e.getMessage(), e);
        }
    }

    /** Where the signatures on an image come from. */
    static SignatureSource signatures(ImageName name, ImageSource source, Lookaside lookaside) {
        return switch (name) {
            case ImageName.Docker docker -> SignaturePlaces.of(source, docker.reference(), lookaside);
            case ImageName.Layout layout -> SignaturePlaces.of(source);
        };
    }
}
