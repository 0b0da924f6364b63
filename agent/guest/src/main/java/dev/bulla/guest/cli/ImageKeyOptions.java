package dev.bulla.guest.cli;

import dev.bulla.attestation.client.KbsClient;
import dev.bulla.attestation.client.KbsResourceSource;
import dev.bulla.composefs.signature.TrustedKeys;
import dev.bulla.guest.pull.GuestResources;
import dev.bulla.oci.ResourceException;
import dev.bulla.oci.ResourceSource;
import dev.bulla.policy.ImageSignatureKey;
import dev.bulla.policy.Policy;
import dev.bulla.policy.PolicyEvaluator;
import java.io.IOException;
import java.net.URI;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
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

    @Option(
            names = "--policy",
            paramLabel = "FILE|kbs://…",
            description = "those that a policy names as well, in its section imageSignatures")
    private @Nullable String policy;

    @Mixin
    private KbsOptions kbsOptions = new KbsOptions();

    /** They, if there are any; without any, no signature is asked for. */
    Optional<TrustedKeys> read() throws Exception {
        return read(MEASURED);
    }

    Optional<TrustedKeys> read(Path measured) throws Exception {
        if (Files.exists(measured)) {
            if (!named.isEmpty() || policy != null) {
                throw new CommandException(
                        ExitCode.USAGE,
                        "--signature-key and --policy: " + measured + " says whose signatures are believed");
            }
            return Optional.of(ofFolder(measured));
        }
        Optional<KbsClient> kbs = kbsOptions.open();
        try {
            ResourceSource resources = new GuestResources(kbs.map(KbsResourceSource::new)).trusted();
            List<TrustedKeys> keys = new ArrayList<>();
            for (String name : named) {
                keys.add(TrustedKeys.parse(fetch(resources, "--signature-key", name, TrustedKeys.MAX_LENGTH), name));
            }
            if (policy != null) {
                keys.add(ofPolicy(resources, policy));
            }
            return keys.isEmpty() ? Optional.empty() : Optional.of(TrustedKeys.of(keys));
        } finally {
            kbs.ifPresent(KbsClient::close);
        }
    }

    private static TrustedKeys ofPolicy(ResourceSource resources, String name) throws Exception {
        URI uri = ResourceName.parse(name);
        Policy policy = Policy.parse(fetch(resources, "--policy", name, Policy.MAX_LENGTH), name);
        // As everywhere in a policy, relative paths begin at its folder.
        Path folder = uri.getScheme().equals("file") ? Path.of(uri).getParent() : null;
        PolicyEvaluator evaluator = folder == null
                ? new PolicyEvaluator(policy, resources)
                : new PolicyEvaluator(policy, resources, folder);
        List<TrustedKeys> keys = new ArrayList<>();
        for (ImageSignatureKey key : evaluator.imageSignatureKeys()) {
            keys.add(TrustedKeys.parse(key.pem(), key.origin()));
        }
        if (keys.isEmpty()) {
            throw new CommandException(
                    ExitCode.POLICY, "--policy: " + name + " has no section imageSignatures, expected one with keys");
        }
        return TrustedKeys.of(keys);
    }

    private static byte[] fetch(ResourceSource resources, String option, String name, int limit)
            throws CommandException, ResourceException {
        URI uri = ResourceName.parse(name);
        try {
            return resources.fetch(uri, limit);
        } catch (ResourceException e) {
            if (uri.getScheme().equals("file")) {
                throw new CommandException(ExitCode.USAGE, option + ": " + e.getMessage(), e);
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
