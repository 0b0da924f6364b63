package dev.bulla.guest.cli;

import dev.bulla.attestation.client.KbsClient;
import dev.bulla.attestation.client.KbsResourceSource;
import dev.bulla.composefs.signature.TrustedKeys;
import dev.bulla.guest.pull.GuestResources;
import dev.bulla.oci.ResourceException;
import dev.bulla.oci.ResourceSource;
import java.io.IOException;
import java.net.URI;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Whose signatures over image digests are believed.
 *
 * <p><b>Security.</b> A folder in the measured root file system says it first; the command line, which may be the host's,
 * can say it only where there is no such folder. From a KBS, keys are taken under pinned TLS roots only.
 */
final class ImageKeyOptions {
    /** Where a guest's measured configuration keeps them. */
    static final Path MEASURED = Path.of("/etc/bulla/image-keys");

    @Option(
            names = "--signature-key",
            paramLabel = "KEY",
            description =
                    "whose signatures over image digests are believed: a PEM file with public keys (Ed25519, P-256)"
                            + " and certificates (PKCS#7), or kbs:///REPOSITORY/TYPE/TAG (repeatable; default: the files *.pem in"
                            + " /etc/bulla/image-keys, beside which none can be named)")
    private List<String> named = List.of();

    @Mixin
    private KbsOptions kbsOptions = new KbsOptions();

    /** They, if there are any; without any, no signature is asked for. */
    Optional<TrustedKeys> read() throws Exception {
        return read(MEASURED);
    }

    Optional<TrustedKeys> read(Path measured) throws Exception {
        if (Files.exists(measured)) {
            if (!named.isEmpty()) {
                throw new CommandException(
                        ExitCode.USAGE, "--signature-key: " + measured + " says whose signatures are believed");
            }
            return Optional.of(ofFolder(measured));
        }
        Optional<KbsClient> kbs = kbsOptions.open();
        try {
            ResourceSource resources = new GuestResources(kbs.map(KbsResourceSource::new)).trusted();
            List<TrustedKeys> keys = new ArrayList<>();
            for (String name : named) {
                keys.add(TrustedKeys.parse(fetch(resources, name), name));
            }
            return keys.isEmpty() ? Optional.empty() : Optional.of(TrustedKeys.of(keys));
        } finally {
            kbs.ifPresent(KbsClient::close);
        }
    }

    private static byte[] fetch(ResourceSource resources, String name) throws CommandException, ResourceException {
        URI uri = ResourceName.parse(name);
        try {
            return resources.fetch(uri, TrustedKeys.MAX_LENGTH);
        } catch (ResourceException e) {
            if (uri.getScheme().equals("file")) {
                throw new CommandException(ExitCode.USAGE, "--signature-key: " + e.getMessage(), e);
            }
            throw e;
        }
    }

    private static TrustedKeys ofFolder(Path folder) throws IOException, ResourceException, CommandException {
        ResourceSource files = new GuestResources(Optional.empty()).trusted();
        List<TrustedKeys> keys = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(folder, "*.pem")) {
            for (Path file : all) {
                keys.add(TrustedKeys.parse(files.fetch(file.toUri(), TrustedKeys.MAX_LENGTH), file.toString()));
            }
        }
        if (keys.isEmpty()) {
            throw new CommandException(
                    ExitCode.KEYS, folder + ": there is no file *.pem in it, expected keys that sign image digests");
        }
        return TrustedKeys.of(keys);
    }
}
